import type { ConceptMention, Mentions } from '../../spec/mentions.ts';
import type { ModelFacts, SaeFacts } from '../services.ts';

/** A concept at one site. */
export interface ConceptRow {
  readonly sae: SaeFacts;
  readonly id: number;
}

/** The concepts that a mention means, those first whose label is supported best. */
export function conceptRows({ concept, sites }: Pick<ConceptMention, 'concept' | 'sites'>, { tracedSites }: Mentions, { saes }: ModelFacts): ConceptRow[] {
  const names = sites === 'traced' ? tracedSites ?? saes.map(({ site }) => site) : sites;
  const rows = saes.filter(({ site }) => names.includes(site)).flatMap((sae) => {
    const ids = typeof concept === 'string' ? sae.idsByLabel.get(concept) ?? [] : [concept].filter((id) => id < sae.n);
    return ids.map((id) => ({ sae, id }));
  });
  return rows.sort((a, b) => support(b, concept) - support(a, concept));
}

/** The best measure of agreement between a concept and a label, from 0 to 1. */
function support({ sae, id }: ConceptRow, label: string | number): number {
  const measures = (sae.evidence.get(id) ?? []).filter((row) => row.label === label).map(({ iou, inside, auroc }) => iou ?? inside ?? auroc ?? 0);
  return Math.max(0, ...measures);
}
