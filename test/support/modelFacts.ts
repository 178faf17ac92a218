import type { ConceptLabel } from '../../src/concepts/labels.ts';
import type { ModelFacts } from '../../src/experiment/modelFacts.ts';
import type { SaeFacts } from '../../src/experiment/saeFacts.ts';

/** An SAE of 8 concepts at `site`; concept i has mean 1 + i and density i / 100. @param given labels by concept, the best first */
export function fakeSae(site: string, given: Readonly<Record<number, readonly string[]>>, { n = 8, branch = 'cond' }: { n?: number; branch?: SaeFacts['branch'] } = {}): SaeFacts {
  const evidence = new Map<number, ConceptLabel[]>();
  const idsByLabel = new Map<string, number[]>();
  for (const [id, labels] of Object.entries(given)) {
    evidence.set(Number(id), labels.map((label) => ({ label, kind: 'mask', iou: 0.6 + Number(id) / 100, n: 5, of: 9, steps: 'early', firstStep: 2 })));
    for (const label of labels) idsByLabel.set(label, [...idsByLabel.get(label) ?? [], Number(id)]);
  }
  return {
    folder: `/saes/${site}`, site, branch, d: 4, n, k: 2,
    mean: Array.from({ length: n }, (_, id) => 1 + id), density: Array.from({ length: n }, (_, id) => id / 100),
    labels: new Map(Object.entries(given).map(([id, [label]]) => [Number(id), label])),
    idsByLabel, evidence, contextFree: new Set([0]), labelsHash: 'hash',
  };
}

export const mid = 'mid_block.attentions.0';
export const up = 'up_blocks.0.attentions.0';

/** Two sites that both know a tree, and of which one knows houses. */
export const fakeFacts: ModelFacts = {
  modelFolder: '/models/scenes', modelName: 'scenes', faults: [],
  saes: [fakeSae(mid, { 3: ['red house', 'house'], 5: ['house'], 6: ['tree'] }), fakeSae(up, { 1: ['tree'], 2: ['sky'] }, { n: 4, branch: 'both' })],
  nouns: ['house', 'tree', 'red', 'red house', 'red tree'],
};
