import { describe, expect, it } from 'vitest';
import { divergingLevel, divergingRamp, ramp, rampLevel, rampLevels, rampValue } from '../../../src/report/ramp.ts';

/** #rrggbb to CIE L*a*b*, D65: another space than the one the ramp is made in. */
function lab(hex: string): [number, number, number] {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  const xyz = [(0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505, 0.2126 * r + 0.7152 * g + 0.0722 * b, (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089];
  const [x, y, z] = xyz.map((v) => (v > 0.008856 ? Math.cbrt(v) : 7.787 * v + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe.each(['light', 'dark'] as const)('the %s ramp', (theme) => {
  const colours = ramp(theme).map(lab);

  it('runs one way in lightness, from the page to its opposite', () => {
    const lightness = colours.map(([l]) => l);
    const sorted = [...lightness].sort((a, b) => (theme === 'light' ? b - a : a - b));
    expect(lightness).toEqual(sorted);
    expect(Math.abs(lightness[0] - lightness[rampLevels - 1])).toBeGreaterThan(55);
  });

  it('goes in steps that look alike', () => {
    const distances = colours.slice(1).map((colour, i) => Math.hypot(...colour.map((v, axis) => v - colours[i][axis])));
    expect(Math.max(...distances) / Math.min(...distances)).toBeLessThan(1.8);
  });
});

describe.each(['light', 'dark'] as const)('the %s ramp of differences', (theme) => {
  const colours = divergingRamp(theme).map(lab);
  const middle = rampLevels - 1;

  it('has zero in the middle, without a hue, and runs away from the page on both sides', () => {
    expect(Math.hypot(colours[middle][1], colours[middle][2])).toBeLessThan(1);
    for (const side of [colours.slice(middle), colours.slice(0, middle + 1).reverse()]) {
      const lightness = side.map(([l]) => l);
      expect(lightness).toEqual([...lightness].sort((a, b) => (theme === 'light' ? b - a : a - b)));
      expect(Math.abs(lightness[0] - lightness[middle])).toBeGreaterThan(35);
    }
  });

  it('has limits that are told apart by their hue, also without red and green', () => {
    expect(Math.abs(colours[0][2] - colours[2 * middle][2])).toBeGreaterThan(50); // b*: blue against yellow
  });
});

describe('levels', () => {
  it('of differences have the same limits on both sides', () => {
    expect([-9, -2, 0, 2, 9].map((value) => divergingLevel(value, 2))).toEqual([0, 0, rampLevels - 1, 2 * rampLevels - 2, 2 * rampLevels - 2]);
    expect(divergingLevel(1, 0)).toBe(rampLevels - 1);
  });

  it('agree with the legend', () => {
    expect([rampLevel(-1, 2), rampLevel(0, 2), rampLevel(2, 2), rampLevel(9, 2), rampLevel(1, 0)]).toEqual([0, 0, rampLevels - 1, rampLevels - 1, 0]);
    expect(rampLevel(rampValue(0.5, 3), 3)).toBe(Math.round(0.5 * (rampLevels - 1)));
  });
});
