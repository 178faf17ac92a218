import { divergingLevel, rampLevel, rampValue } from '../../../src/report/ramp.ts';
import { roundAbove } from '../../kit/layout/roundAbove.ts';

/** How values become colours, and what the ends of the ramp stand for. */
export interface Tint {
  readonly colours: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly colourOf: (value: number) => string;
}

/** The ramps of a theme. */
interface Ramps {
  readonly ramp: readonly string[];
  readonly diverging: readonly string[];
}

/** The ramp for some values: from none to most, or where some are below zero, from loss to gain with the same limits on both sides. */
export function tintOf(values: readonly number[], palette: Ramps): Tint {
  const end = roundAbove(Math.max(0, ...values.map(Math.abs)));
  return values.some((value) => value < 0)
    ? { colours: palette.diverging, from: -end, to: end, colourOf: (value) => palette.diverging[divergingLevel(value, end)] }
    : { colours: palette.ramp, from: 0, to: rampValue(1, end), colourOf: (value) => palette.ramp[rampLevel(value, end)] };
}

/** Text that is read on a colour: black or white, whichever is farther from it in luminance (WCAG 2). */
export function textOn(colour: string): '#000000' | '#ffffff' {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff';
}
