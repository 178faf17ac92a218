import { phrase } from '../../base/phrase.ts';
import type { RgbImage } from '../../diffusion/png.ts';
import { inPart, weightedMean, weightsOf, type Measure } from './measure.ts';
import type { Part } from './measureName.ts';

/** Radius of the window: 3.5 σ. */
const radius = 5;
const sigma = 1.5;

/** [2 radius + 1], sum 1. */
const gaussian = (() => {
  const raw = Array.from({ length: 2 * radius + 1 }, (_, index) => Math.exp(-((index - radius) ** 2) / (2 * sigma ** 2)));
  const sum = raw.reduce((a, b) => a + b, 0);
  return Float64Array.from(raw, (value) => value / sum);
})();

/** Structural similarity to the unedited picture; 1 is equal. */
export function ssim(part: Part): Measure {
  return {
    definition: inPart(phrase`SSIM to the unedited picture (Wang et al. 2004: Gaussian window, σ = 1.5, as scikit-image with gaussian_weights), mean over channels and pixels`, part),
    comparison: true,
    of({ picture, baseline, region }) {
      const { height, width } = picture;
      if (Math.min(height, width) <= 2 * radius) return null;
      const inner = { height: height - 2 * radius, width: width - 2 * radius };
      const weights = weightsOf(part, region, height, width);
      const cropped = Float32Array.from({ length: inner.height * inner.width }, (_, index) => {
        const [row, column] = [Math.floor(index / inner.width), index % inner.width];
        return weights[(row + radius) * width + column + radius];
      });
      return weightedMean(knownMap(picture, baseline), cropped);
    },
  };
}

const known = new WeakMap<RgbImage, { readonly other: RgbImage; readonly map: Float64Array }>();

/** Worked out once where the whole and its parts are measured of one pair of pictures. */
function knownMap(picture: RgbImage, other: RgbImage): Float64Array {
  const before = known.get(picture);
  if (before?.other === other) return before.map;
  const map = ssimMap(picture, other);
  known.set(picture, { other, map });
  return map;
}

/**
 * SSIM of each pixel whose window lies inside the picture, mean over the channels: what `skimage.metrics.structural_similarity` gives with
 * `gaussian_weights=True, use_sample_covariance=False, full=True`, its border of 5 pixels cut off.
 * @returns [height − 10, width − 10]
 */
export function ssimMap(a: RgbImage, b: RgbImage): Float64Array {
  const { height, width } = a;
  const cells = height * width;
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  const result = new Float64Array((height - 2 * radius) * (width - 2 * radius));
  for (let channel = 0; channel < 3; channel++) {
    const of = (value: (x: number, y: number) => number): Float64Array => smooth(
      Float64Array.from({ length: cells }, (_, cell) => value(a.data[cell * 3 + channel], b.data[cell * 3 + channel])), height, width);
    const [ux, uy, uxx, uyy, uxy] = [of((x) => x), of((_, y) => y), of((x) => x * x), of((_, y) => y * y), of((x, y) => x * y)];
    for (let cell = 0; cell < result.length; cell++) {
      const means = ux[cell] * uy[cell];
      const squares = ux[cell] ** 2 + uy[cell] ** 2;
      const variances = uxx[cell] + uyy[cell] - squares;
      result[cell] += ((2 * means + c1) * (2 * (uxy[cell] - means) + c2)) / ((squares + c1) * (variances + c2)) / 3;
    }
  }
  return result;
}

/** Convolve with the Gaussian where it lies inside. @param data [height, width] @returns [height − 2 radius, width − 2 radius] */
function smooth(data: Float64Array, height: number, width: number): Float64Array {
  const across = width - 2 * radius;
  const rows = new Float64Array(height * across);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < across; column++) {
      let sum = 0;
      for (let tap = 0; tap < gaussian.length; tap++) sum += gaussian[tap] * data[row * width + column + tap];
      rows[row * across + column] = sum;
    }
  }
  const result = new Float64Array((height - 2 * radius) * across);
  for (let index = 0; index < result.length; index++) {
    for (let tap = 0; tap < gaussian.length; tap++) result[index] += gaussian[tap] * rows[index + tap * across];
  }
  return result;
}
