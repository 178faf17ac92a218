import { bitIou, bitShare } from './cellBits.ts';
import type { Evidence, ObservedSite } from './observedSite.ts';
import { overlapEvidence } from './overlapEvidence.ts';

/** Mean IoU from which a concept bears a label (Tinaz et al. 2025, concept dictionary). */
export const labelIou = 0.5;
/** Mean share of its cells inside the label's mask from which a concept is a part of the label. */
export const partShare = 0.5;

/**
 * Labels whose masks a concept's cells cover. The score is the mean IoU over all pictures and steps in which the concept is strong, 0
 * where the label is not true: a concept that also lights up elsewhere loses by it, whereas one that means only some houses keeps `house`.
 * @param steps rows of `strong`
 * @returns every concept and label with a mean IoU > 0.5 and enough pictures
 */
export function maskEvidence(site: ObservedSite, steps: readonly number[]): Evidence[] {
  return overlapEvidence(site, steps, bitIou, labelIou);
}

/**
 * Labels inside whose masks a concept's cells lie, be they the whole of it or a part: a roof, an edge. The score is the mean share of its
 * cells that lie inside, over all pictures and steps in which the concept is strong, 0 where the label is not true.
 * @param steps rows of `strong`
 * @returns every concept and label with a mean share > 0.5 and enough pictures
 */
export function partEvidence(site: ObservedSite, steps: readonly number[]): Evidence[] {
  return overlapEvidence(site, steps, bitShare, partShare);
}
