import type { Branch, SiteTrace } from '../concepts/siteTrace.ts';
import type { RunTrace } from './traceFile.ts';

/** `metrics.json`: how much each site had to say at each recorded step. Courses of single concepts follow from the trace. */
export interface RunMetrics {
  readonly format: 1;
  readonly sites: readonly {
    readonly site: string;
    readonly branch: Branch;
    /** Concepts active anywhere in the run. */
    readonly active: number;
    /** [steps]: mean number of active concepts per cell. */
    readonly l0: readonly number[];
    /** [steps]: Σz, mean over the cells, raw units. */
    readonly activation: readonly number[];
  }[];
}

/** Measure a run's trace in one pass: it is part of every run, and a run should cost little more than its networks. */
export function runMetrics({ sites }: RunTrace): RunMetrics {
  return { format: 1, sites: sites.map(siteMetrics) };
}

function siteMetrics({ site, branch, height, width, n, k, steps, indices, values }: SiteTrace): RunMetrics['sites'][number] {
  const cells = height * width;
  const seen = new Uint8Array(n);
  const l0 = new Float64Array(steps.length);
  const activation = new Float64Array(steps.length);
  for (let row = 0; row < steps.length; row++) {
    for (let entry = row * cells * k; entry < (row + 1) * cells * k; entry++) {
      if (values[entry] <= 0) continue;
      seen[indices[entry]] = 1;
      l0[row] += 1;
      activation[row] += values[entry];
    }
  }
  const perCell = (sum: number): number => Number((sum / cells).toPrecision(6));
  return { site, branch, active: seen.reduce((a, b) => a + b, 0), l0: Array.from(l0, perCell), activation: Array.from(activation, perCell) };
}
