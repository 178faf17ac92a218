import type { ExperimentOutcome } from './outcome.ts';

/** What an effect costs. */
export interface Efficiency {
  readonly measure: string;
  /** Edited minus unedited, mean over the seeds. */
  readonly gain: number;
  /** U-Net calls that a run takes beyond the unedited one of its seed: from the first step in force to the end. */
  readonly addedCalls: number;
  readonly gainPerCall: number;
  /** What harm is measured by; null where nothing has measured it. */
  readonly harmMeasure: string | null;
  readonly harm: number | null;
  /** Null where there is no harm to divide by. */
  readonly gainPerHarm: number | null;
}

/** Measures of harm, the first that has a value counts; of a similarity, what it lacks to 1. */
const harms = ['outside.perceptual', 'perceptual', 'outside.mse', 'mse', 'outside.ssim', 'ssim'] as const;

/** What each measured effect (a noun found, its place, similarity to the text) costs in U-Net calls and in harm; none where no edit is in force. */
export function efficienciesOf({ edits, measures, totalSteps }: Pick<ExperimentOutcome, 'edits' | 'measures' | 'totalSteps'>): Efficiency[] {
  if (edits.length === 0) return [];
  const addedCalls = totalSteps - Math.min(...edits.flatMap(({ steps }) => steps));
  const harmMeasure = harms.find((name) => Object.hasOwn(measures, name) && measures[name].value !== null) ?? null;
  const measured = harmMeasure === null ? null : measures[harmMeasure].value;
  const harm = measured === null ? null : harmMeasure?.endsWith('ssim') === true ? 1 - measured : measured;
  return Object.entries(measures).flatMap(([measure, { gain: { value: gain } }]) => {
    if (gain === null || !/^(?:presence:|iou:|centre:|clip$)/.test(measure)) return [];
    return [{ measure, gain, addedCalls, gainPerCall: gain / addedCalls, harmMeasure, harm, gainPerHarm: harm === null || harm <= 0 ? null : gain / harm }];
  });
}
