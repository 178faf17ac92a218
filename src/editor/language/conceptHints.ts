import type { Mentions } from '../../spec/mentions.ts';
import type { ModelFacts } from '../services.ts';
import type { Translate } from '../translate.ts';
import { percent, short } from './numbers.ts';

/** A text that stands behind a value without being part of the document. */
export interface ConceptHint {
  readonly offset: number;
  readonly text: string;
  readonly tooltip: string;
}

/** More numbers than this say less than how many they are. */
const mostNumbers = 4;

/** The label behind a concept's number, and the numbers behind a label; where it is clear at which site. */
export function conceptHints({ concepts, tracedSites }: Mentions, facts: ModelFacts, t: Translate): ConceptHint[] {
  return concepts.flatMap(({ node, concept, sites }) => {
    const names = sites === 'traced' ? tracedSites ?? facts.saes.map(({ site }) => site) : sites;
    const saes = facts.saes.filter(({ site }) => names.includes(site));
    const [sae] = saes;
    if (saes.length !== 1) return [];
    const ids = typeof concept === 'number' ? [concept].filter((id) => id < sae.n) : sae.idsByLabel.get(concept) ?? [];
    const name = typeof concept === 'number' ? sae.labels.get(concept)
      : ids.length > mostNumbers ? t('{0} concepts', ids.length) : ids.join(', ');
    if (name === undefined || name === '') return [];
    const tooltip = ids.slice(0, mostNumbers).map((id) => t('{0}: mean {1}, active in {2} of the cells', id, short(sae.mean[id]), percent(sae.density[id])));
    return [{ offset: node.offset + node.length, text: name, tooltip: tooltip.join('\n') }];
  });
}
