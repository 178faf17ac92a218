import * as Type from 'typebox';
import { divide, weightedSum } from './weightedSum.ts';

/** What a network predicts: the noise, the image, or the velocity of arXiv:2202.00512, appendix D. */
export const predictionType = Type.Enum(['epsilon', 'sample', 'v_prediction']);
export type PredictionType = 'epsilon' | 'sample' | 'v_prediction';

/** Keys that bound what is predicted of the image. */
export const boundKeys = {
  clip_sample: Type.Boolean(),
  clip_sample_range: Type.Number(),
  thresholding: Type.Boolean(),
  dynamic_thresholding_ratio: Type.Number({ minimum: 0, maximum: 1 }),
  sample_max_value: Type.Number(),
};

export const boundDefaults = { clip_sample: true, clip_sample_range: 1, thresholding: false, dynamic_thresholding_ratio: 0.995, sample_max_value: 1 };

/** As `boundKeys`. */
export interface BoundConfig {
  readonly clip_sample: boolean;
  readonly clip_sample_range: number;
  readonly thresholding: boolean;
  readonly dynamic_thresholding_ratio: number;
  readonly sample_max_value: number;
}

/** x0 of x = alpha · x0 + sigma · noise; a new array. @param alpha and sigma: square roots of the shares of image and noise, float32 */
export function predictOriginal(predicts: PredictionType, output: Float32Array, sample: Float32Array, alpha: number, sigma: number): Float32Array {
  switch (predicts) {
    case 'epsilon': return divide(weightedSum([1, sample], [-sigma, output]), alpha);
    case 'sample': return output.slice();
    case 'v_prediction': return weightedSum([alpha, sample], [-sigma, output]);
  }
}

/** The noise in x = alpha · x0 + sigma · noise; a new array. */
export function predictNoise(predicts: PredictionType, output: Float32Array, sample: Float32Array, alpha: number, sigma: number): Float32Array {
  switch (predicts) {
    case 'epsilon': return output.slice();
    case 'sample': return divide(weightedSum([1, sample], [-alpha, output]), sigma);
    case 'v_prediction': return weightedSum([alpha, output], [sigma, sample]);
  }
}

/** Keep what is predicted of the image within its bounds, in place. */
export function bound(original: Float32Array, config: BoundConfig): Float32Array {
  if (config.thresholding) return threshold(original, config);
  return config.clip_sample ? clamp(original, config.clip_sample_range) : original;
}

function clamp(values: Float32Array, range: number): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = Math.min(Math.max(values[i], -range), range);
  return values;
}

/** Dynamic thresholding in place: section 2.3 of arXiv:2205.11487. @param values of one image */
export function threshold(values: Float32Array, { dynamic_thresholding_ratio: ratio, sample_max_value: most }: Pick<BoundConfig, 'dynamic_thresholding_ratio' | 'sample_max_value'>): Float32Array {
  const s = Math.fround(Math.min(Math.max(quantile(values.map(Math.abs).sort(), ratio), 1), most));
  return divide(clamp(values, s), s);
}

/** `torch.quantile` with linear interpolation. @param sorted ascending */
function quantile(sorted: Float32Array, share: number): number {
  const rank = Math.fround(share) * (sorted.length - 1);
  const below = Math.floor(rank);
  const above = Math.min(below + 1, sorted.length - 1);
  return Math.fround(sorted[below] + Math.fround(rank - below) * Math.fround(sorted[above] - sorted[below]));
}
