import { mean } from '../base/statistics.ts';
import type { SiteTrace } from './siteTrace.ts';

/** A concept and how prominent it is in some runs. */
export interface RankedConcept {
  readonly id: number;
  /**
   * Greatest strength over the steps: mean γ over the runs, divided by the concept's mean activation where it is active. Read it as
   * the share of the picture that the concept fills at its usual strength; comparable between concepts, which raw γ is not.
   */
  readonly strength: number;
}

/**
 * Every concept that occurs in the runs, the most prominent first.
 * @param traces one site and branch, a trace per run, all over the same steps
 * @param typical [n]: each concept's mean activation where it is active
 */
export function rankConcepts(traces: readonly SiteTrace[], typical: ArrayLike<number>): RankedConcept[] {
  const [{ n, steps }] = traces;
  const total = new Float64Array(n); // of one step, over the runs
  const strongest = new Float64Array(n);
  for (let row = 0; row < steps.length; row++) {
    total.fill(0);
    for (const { indices, values } of traces) {
      const rowLength = indices.length / steps.length;
      for (let entry = row * rowLength; entry < (row + 1) * rowLength; entry++) total[indices[entry]] += values[entry];
    }
    for (let concept = 0; concept < n; concept++) strongest[concept] = Math.max(strongest[concept], total[concept]);
  }
  const cells = mean(traces.map(({ height, width }) => height * width));
  return Array.from(strongest, (sum, id) => ({ id, strength: sum / cells / traces.length / typical[id] }))
    .filter(({ strength }) => strength > 0)
    .sort((a, b) => b.strength - a.strength || a.id - b.id);
}

/** Each concept's mean activation where it is active, over the given runs; 1 where it never is. @returns [n] */
export function meanWhenActive(traces: readonly SiteTrace[]): Float32Array {
  const [{ n }] = traces;
  const sum = new Float64Array(n);
  const count = new Uint32Array(n);
  for (const { indices, values } of traces) {
    for (let entry = 0; entry < indices.length; entry++) {
      if (values[entry] <= 0) continue;
      sum[indices[entry]] += values[entry];
      count[indices[entry]] += 1;
    }
  }
  return Float32Array.from(sum, (total, concept) => (count[concept] > 0 ? total / count[concept] : 1));
}
