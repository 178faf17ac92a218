import { phrase } from '../../base/phrase.ts';
import type { RgbImage } from '../../diffusion/png.ts';
import type { PerceptualNetwork } from '../../judge/perceptual.ts';
import { inPart, weightedMean, weightsOf, type Measure } from './measure.ts';
import type { Part } from './measureName.ts';

/**
 * How different the picture looks from the unedited one. A part of it: the mean over that part of the network's map; where the network gives one number
 * alone, that between the unedited picture and the same with only that part edited.
 */
export function perceptual(part: Part, network: PerceptualNetwork): Measure {
  return {
    definition: inPart(phrase`${network.name}: perceptual distance to the unedited picture`, part),
    comparison: true,
    async of({ picture, baseline, region }) {
      const map = await network.compare(picture, baseline);
      if (map.data.length > 1 || part === 'whole') return weightedMean(map.data, weightsOf(part, region, map.height, map.width));
      const weights = weightsOf(part, region, picture.height, picture.width);
      if (!weights.some((weight) => weight > 0)) return null;
      return (await network.compare(composite(picture, baseline, weights), baseline)).data[0];
    },
  };
}

/** The same network, which is asked once where the whole and its parts are measured of one pair of pictures. */
export function askedOnce(network: PerceptualNetwork): PerceptualNetwork {
  const known = new WeakMap<RgbImage, { readonly other: RgbImage; readonly answer: ReturnType<PerceptualNetwork['compare']> }>();
  return {
    ...network,
    compare(picture, other) {
      const before = known.get(picture);
      if (before?.other === other) return before.answer;
      const answer = network.compare(picture, other);
      known.set(picture, { other, answer });
      return answer;
    },
  };
}

/** One picture where `weights` is 1, the other where it is 0. @param weights [height, width] */
export function composite(picture: RgbImage, other: RgbImage, weights: Float32Array): RgbImage {
  const data = picture.data.map((value, index) => {
    const weight = weights[Math.floor(index / 3)];
    return Math.round(weight * value + (1 - weight) * other.data[index]);
  });
  return { ...picture, data };
}
