import type { LabelledSae } from '../../experiment/labelledSaes.ts';

/** What concepts are called. */
export interface ConceptNames {
  /** The word that stands for exactly these concepts; undefined where none does. */
  together(site: string, ids: readonly number[]): string | undefined;
  /** The best label of one concept. */
  best(site: string, id: number): string | undefined;
}

/** Names from the labels beside the SAEs. */
export function conceptNames(saes: ReadonlyMap<string, LabelledSae>): ConceptNames {
  return {
    together: (site, ids) => {
      const labels = saes.get(site)?.labels;
      return labels?.all().find((label) => labels.idsOf(label).join() === ids.join());
    },
    best: (site, id) => saes.get(site)?.labels?.best(id),
  };
}
