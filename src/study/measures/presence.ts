import { phrase } from '../../base/phrase.ts';
import { smallestShare } from '../../judge/labelMasks.ts';
import type { NounFinder } from '../../judge/nounFinder.ts';
import type { Measure } from './measure.ts';

/** Whether the judge finds a noun in the picture: 1 or 0. */
export function presence(noun: string, finder: NounFinder): Measure {
  return {
    definition: phrase`1 where the judge finds "${noun}" in at least ${100 * smallestShare} % of the picture, else 0`,
    comparison: false,
    async of({ picture }) {
      const { data } = await finder.find(picture, noun);
      return data.reduce((sum, bit) => sum + bit, 0) >= smallestShare * data.length ? 1 : 0;
    },
  };
}
