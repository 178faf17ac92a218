import { regionCells } from '../../spec/regions.ts';
import { regionNames } from '../../spec/schema.ts';
import { bitShare, packCells } from './cellBits.ts';
import { minimumPictures, type Evidence, type ObservedSite } from './observedSite.ts';
import { overlapEvidence } from './overlapEvidence.ts';

/** Mean share of its cells inside a region from which a concept keeps to it. */
export const placeShare = 0.9;
/** There are few regions: it takes more pictures than for a label to be sure that it is no accident. */
export const minimumForPlace = 2 * minimumPictures;

/**
 * Regions that a concept keeps to, whatever the picture, by the names that a spec has for them: `left`, `top-left`, ... The score is the mean
 * share of its cells inside, over all pictures and steps in which the concept is strong.
 * @param steps rows of `strong`
 * @returns every concept and region with a mean share > 0.9 and enough pictures
 */
export function placeEvidence(site: ObservedSite, steps: readonly number[]): Evidence[] {
  const regions = new Map(regionNames.filter((name) => name !== 'everywhere').map((name) =>
    [name, packCells(Uint8Array.from(regionCells(name, site.height, site.width), (covered) => (covered >= 0.5 ? 1 : 0)))]));
  return overlapEvidence({ ...site, masks: site.masks.map(() => regions) }, steps, bitShare, placeShare).filter(({ n }) => n >= minimumForPlace);
}
