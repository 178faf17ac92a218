/** A colour in OKLCH (Ottosson 2020): lightness [0, 1], chroma, hue in degrees. */
type Oklch = readonly [lightness: number, chroma: number, hue: number];

/** Steps of the ramp; more are not told apart in a strip a few pixels high. */
export const rampLevels = 24;

/**
 * The ramp of strength, from none to most: even steps of OKLab lightness with little turn of hue, so that equal differences look equal
 * and the order survives greyscale. It starts at the page's own colour in either theme.
 * @returns `rampLevels` colours as #rrggbb
 */
export function ramp(theme: 'light' | 'dark'): string[] {
  const [from, to]: [Oklch, Oklch] = theme === 'light' ? [[0.96, 0.012, 230], [0.36, 0.12, 268]] : [[0.27, 0.02, 262], [0.9, 0.09, 205]];
  return Array.from({ length: rampLevels }, (_, level) => {
    const share = level / (rampLevels - 1);
    const mix = (index: 0 | 1 | 2): number => from[index] + share * (to[index] - from[index]);
    return toHex([mix(0), mix(1), mix(2)]);
  });
}

/**
 * The ramp of differences, from the greatest loss by zero to the greatest gain: blue and orange, which colour-blind readers tell apart, as far from the page in lightness on either
 * side; zero is the page's own colour.
 * @returns 2 · `rampLevels` − 1 colours as #rrggbb, zero in the middle
 */
export function divergingRamp(theme: 'light' | 'dark'): string[] {
  const [zero, loss, gain]: [Oklch, Oklch, Oklch] = theme === 'light' ? [[0.96, 0, 0], [0.42, 0.15, 262], [0.52, 0.16, 42]] : [[0.27, 0, 0], [0.8, 0.11, 235], [0.8, 0.14, 65]];
  return Array.from({ length: 2 * rampLevels - 1 }, (_, index) => {
    const level = index - (rampLevels - 1);
    const [lightness, chroma, hue] = level < 0 ? loss : gain;
    const share = Math.abs(level) / (rampLevels - 1);
    return toHex([zero[0] + share * (lightness - zero[0]), share * chroma, hue]);
  });
}

/** The level of a difference on a scale that ends at ±`max`: an index of `divergingRamp`; by its square root, as `rampLevel`. */
export function divergingLevel(difference: number, max: number): number {
  return rampLevels - 1 + Math.sign(difference) * rampLevel(Math.abs(difference), max);
}

/** The level of a strength on a scale that ends at `max`; by its square root, so that things are seen beside what fills the picture. */
export function rampLevel(value: number, max: number): number {
  return max > 0 ? Math.round(Math.sqrt(Math.min(Math.max(value / max, 0), 1)) * (rampLevels - 1)) : 0;
}

/** The strength at a share of the ramp's length, for legends. */
export function rampValue(share: number, max: number): number {
  return share ** 2 * max;
}

/** Okabe and Ito (2008), told apart by colour-blind readers; black is left out, since it vanishes on dark pages. */
export const conceptColours = ['#e69f00', '#0072b2', '#009e73', '#cc79a7', '#d55e00', '#56b4e9', '#f0e442'] as const;

/** OKLCH to sRGB (bottosson.github.io/posts/oklab), clipped to the gamut. */
function toHex([lightness, chroma, hue]: Oklch): string {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return `#${linear.map((value) => Math.round(255 * gamma(value)).toString(16).padStart(2, '0')).join('')}`;
}

function gamma(linear: number): number {
  const value = Math.min(Math.max(linear, 0), 1);
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}
