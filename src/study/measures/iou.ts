import { phrase } from '../../base/phrase.ts';
import { cellIou } from '../../concepts/maps.ts';
import type { NounFinder } from '../../judge/nounFinder.ts';
import type { Measure } from './measure.ts';

/** How well what the judge takes for a noun fills the region: intersection over union. */
export function iou(noun: string, finder: NounFinder): Measure {
  return {
    definition: phrase`intersection over union of what the judge takes for "${noun}" and the region (where it covers half a pixel or more); 0 where it finds none`,
    comparison: false,
    async of({ picture, region }) {
      const { height, width, data } = await finder.find(picture, noun);
      return cellIou(data, Uint8Array.from(region(height, width), (m) => (m >= 0.5 ? 1 : 0)));
    },
  };
}
