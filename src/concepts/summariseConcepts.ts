import { bootstrapBand } from '../base/statistics.ts';
import { conceptMaps, indexConcepts } from './maps.ts';
import type { SiteTrace } from './siteTrace.ts';
import { timelineOf } from './timeline.ts';
import type { Timeline } from './timeline.ts';

/** A step number over several runs: the median and the extremes, each null where the mark does not exist. */
export interface MarkSpread {
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** A concept's course over the runs that differ only in their seed. */
export interface ConceptSummary {
  readonly id: number;
  /** One timeline per run. */
  readonly runs: readonly Timeline[];
  /** [steps]: γ, mean over the runs. */
  readonly gamma: Float32Array;
  /** [steps] each: 95 % bootstrap band of γ over the runs; undefined for a single run. */
  readonly band: { readonly low: Float32Array; readonly high: Float32Array } | undefined;
  readonly onset: MarkSpread;
  readonly peak: MarkSpread;
  readonly decay: MarkSpread;
  readonly settle: MarkSpread;
}

/** Enough for two digits of a 95 % band; its seed is fixed, so that a report repeats exactly. */
export const bootstrap = { draws: 400, level: 0.95, seed: 0 } as const;

/**
 * Summarise concepts of one site and branch.
 * @param traces one per run, over the same steps
 * @param ids the concepts wanted, in the order of the result
 */
export function summariseConcepts(traces: readonly SiteTrace[], ids: readonly number[]): ConceptSummary[] {
  const indices = traces.map(indexConcepts);
  return ids.map((id) => {
    const runs = traces.map((trace, run) => timelineOf(conceptMaps(trace, indices[run], id), trace.height, trace.width, trace.steps));
    const gammas = runs.map(({ gamma }) => gamma);
    return {
      id,
      runs,
      gamma: gammas[0].map((_, step) => gammas.reduce((sum, gamma) => sum + gamma[step], 0) / gammas.length),
      band: gammas.length > 1 ? bootstrapBand(gammas, bootstrap) : undefined,
      onset: spreadOf(runs.map(({ onset }) => onset)),
      peak: spreadOf(runs.map(({ peak }) => peak)),
      decay: spreadOf(runs.map(({ decay }) => decay)),
      settle: spreadOf(runs.map(({ settle }) => settle)),
    };
  });
}

/** Median and extremes of a mark; a mark that does not exist counts as later than every step, so the median is one of the marks. */
export function spreadOf(marks: readonly (number | null)[]): MarkSpread {
  const values = marks.map((mark) => mark ?? Infinity).sort((a, b) => a - b);
  const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return { median: orNull(values[(values.length - 1) >> 1]), low: orNull(values[0]), high: orNull(values[values.length - 1]) };
}
