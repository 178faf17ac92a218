import { phrase } from '../../base/phrase.ts';
import type { NounFinder, NounMask } from '../../judge/nounFinder.ts';
import type { Measure } from './measure.ts';

/** Whether the centre of mass of what the judge takes for a noun lies in the region: 1 or 0. */
export function centre(noun: string, finder: NounFinder): Measure {
  return {
    definition: phrase`1 where the centre of mass of what the judge takes for "${noun}" lies in the region, 0 where it does not or there is none`,
    comparison: false,
    async of({ picture, region }) {
      const mask = await finder.find(picture, noun);
      const middle = centreOfMass(mask);
      if (middle === undefined) return 0;
      const { height, width } = mask;
      const [row, column] = [Math.min(height - 1, Math.floor(middle.y * height)), Math.min(width - 1, Math.floor(middle.x * width))];
      return region(height, width)[row * width + column] >= 0.5 ? 1 : 0;
    },
  };
}

/** The mean of the middles of a mask's pixels, in image coordinates; undefined where it is empty. */
export function centreOfMass({ height, width, data }: NounMask): { x: number; y: number } | undefined {
  let [x, y, pixels] = [0, 0, 0];
  for (let index = 0; index < data.length; index++) {
    if (data[index] === 0) continue;
    x += index % width + 0.5;
    y += Math.floor(index / width) + 0.5;
    pixels += 1;
  }
  return pixels === 0 ? undefined : { x: x / pixels / width, y: y / pixels / height };
}
