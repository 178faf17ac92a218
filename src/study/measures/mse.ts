import { phrase } from '../../base/phrase.ts';
import { inPart, weightedMean, weightsOf, type Measure } from './measure.ts';
import type { Part } from './measureName.ts';

/** Mean squared difference from the unedited picture, channels from 0 to 1. */
export function mse(part: Part): Measure {
  return {
    definition: inPart(phrase`mean squared difference to the unedited picture over pixels and channels, from 0 to 1`, part),
    comparison: true,
    of({ picture: { height, width, data }, baseline, region }) {
      const squares = Float64Array.from({ length: height * width }, (_, pixel) => {
        let sum = 0;
        for (let at = pixel * 3; at < pixel * 3 + 3; at++) sum += ((data[at] - baseline.data[at]) / 255) ** 2;
        return sum / 3;
      });
      return weightedMean(squares, weightsOf(part, region, height, width));
    },
  };
}
