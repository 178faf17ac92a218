import type { ExperimentOutcome } from '../../study/outcome.ts';

type Measures = ExperimentOutcome['measures'];

/** What a measure is about: what an edit is for, what happened inside and outside its region, on the whole picture, and in the network. */
export const measureGroups = ['effect', 'inside', 'outside', 'whole', 'health'] as const;
export type MeasureGroup = (typeof measureGroups)[number];

/** Comparisons of pictures: they say how much changed, not whether that was wanted. */
const comparisons = new Set(['perceptual', 'ssim', 'mse']);

function groupOf(measure: string): MeasureGroup {
  if (measure.startsWith('inside.')) return 'inside';
  if (measure.startsWith('outside.')) return 'outside';
  if (measure === 'ood') return 'health';
  return comparisons.has(measure) ? 'whole' : 'effect';
}

/** The measures of an experiment by what they are about, in the order of the groups and within them as the spec has them. */
export function groupMeasures(measures: Measures): { readonly group: MeasureGroup; readonly names: readonly string[] }[] {
  const names = Object.keys(measures);
  return measureGroups.map((group) => ({ group, names: names.filter((name) => groupOf(name) === group) })).filter(({ names: some }) => some.length > 0);
}

/** Whether a measure lies between 0 and 1 by its definition. */
export function isShareMeasure(measure: string): boolean {
  return /^(?:presence|iou|centre):/.test(measure) || /(?:^|\.)ssim$/.test(measure);
}
