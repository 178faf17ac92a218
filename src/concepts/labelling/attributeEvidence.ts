import { meanGamma, minimumPictures, type Evidence, type ObservedSite } from './observedSite.ts';

/** AUROC from which a concept bears a word for whole pictures. */
export const labelAuroc = 0.9;

/**
 * Words for whole pictures that a concept's strength tells. The score is the AUROC of γ, averaged over the steps: the chance that a picture
 * of which the word is true has more of the concept than one of which it is not, ties counted half.
 * @param steps rows of `active`
 * @returns every concept and word with AUROC >= 0.9 and enough pictures of either sort
 */
export function attributeEvidence(site: ObservedSite, steps: readonly number[]): Evidence[] {
  const { n, attributes } = site;
  const count = attributes.length;
  const gamma = meanGamma(site, steps);
  const words = [...new Set(attributes.flatMap((ofPicture) => [...ofPicture]))]
    .map((word) => ({ word, has: attributes.map((ofPicture) => ofPicture.has(word)) }))
    .map(({ word, has }) => ({ word, has, of: has.filter(Boolean).length }))
    .filter(({ of }) => of >= minimumPictures && count - of >= minimumPictures);
  const found: Evidence[] = [];
  for (let id = 0; id < n; id++) {
    const strengths = gamma.subarray(id * count, (id + 1) * count);
    if (strengths.filter((value) => value > 0).length < minimumPictures) continue;
    const ranks = midranks(strengths);
    for (const { word, has, of } of words) {
      const score = auroc(ranks, has, of);
      const together = has.filter((isTrue, picture) => isTrue && strengths[picture] > 0).length;
      if (score >= labelAuroc && together >= minimumPictures) found.push({ id, label: word, score, n: together, of });
    }
  }
  return found;
}

/** Area under the ROC curve from ranks, by the Mann-Whitney statistic. */
function auroc(ranks: Float32Array, has: readonly boolean[], positives: number): number {
  const rankSum = ranks.reduce((sum, rank, index) => sum + (has[index] ? rank : 0), 0);
  return (rankSum - positives * (positives + 1) / 2) / (positives * (ranks.length - positives));
}

/** Ranks from 1, equal values sharing the mean of theirs. */
function midranks(values: Float32Array): Float32Array {
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const ranks = new Float32Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to += 1;
    for (let at = from; at < to; at++) ranks[order[at]] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}
