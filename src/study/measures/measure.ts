import { phrase, type Phrase } from '../../base/phrase.ts';
import type { RgbImage } from '../../diffusion/png.ts';
import type { RunHealth } from '../runHealth.ts';

/** The union of the regions of all edits, at any resolution: m in [0,1], [height, width] row-major. */
export type RegionAt = (height: number, width: number) => Float32Array;

/** One run beside the unedited one of the same seed. */
export interface Trial {
  readonly picture: RgbImage;
  readonly baseline: RgbImage;
  readonly region: RegionAt;
  /** Of the run of `picture`; undefined where it was not looked at. */
  readonly health: RunHealth | undefined;
}

/** A number about one run. */
export interface Measure {
  /** How it is defined and which network gives it, in a sentence. */
  readonly definition: Phrase;
  /** It compares with the unedited run by itself, so that the unedited run has none of its own. */
  readonly comparison: boolean;
  /** @returns null where there is nothing to measure. @throws InputError as the judge's networks */
  of(trial: Trial): Promise<number | null> | number | null;
  /** The same of the unedited run; left out: that of a trial of the baseline with itself. */
  unedited?(trial: Trial): number | null;
}

/** Mean of values where they weigh something. @returns null where nothing does */
export function weightedMean(values: ArrayLike<number>, weights: ArrayLike<number>): number | null {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += weights[i] * values[i];
    total += weights[i];
  }
  return total > 0 ? sum / total : null;
}

/** The weights of a part of the picture. */
export function weightsOf(part: 'whole' | 'inside' | 'outside', region: RegionAt, height: number, width: number): Float32Array {
  if (part === 'whole') return new Float32Array(height * width).fill(1);
  const inside = region(height, width);
  return part === 'inside' ? inside : inside.map((m) => 1 - m);
}

/** What is measured, of a part of the picture. */
export function inPart(definition: Phrase, part: 'whole' | 'inside' | 'outside'): Phrase {
  if (part === 'whole') return definition;
  return part === 'inside' ? phrase`${definition}, inside the region` : phrase`${definition}, outside the region`;
}
