import type { Static } from 'typebox';
import * as Type from 'typebox';
import { BaseScheduler } from './baseScheduler.ts';
import { alphasCumprod, noiseDefaults, noiseKeys } from './noiseSchedule.ts';
import type { NoiseScheduleConfig } from './noiseSchedule.ts';
import { predictNoise, predictOriginal, threshold } from './originalSample.ts';
import { sigmaDefaults, sigmaKeys, sigmasAt, sigmaTable, withoutZero } from './sigmas.ts';
import { spacingKeys } from './timestepSpacing.ts';
import { divide, weightedSum } from './weightedSum.ts';

const { fround, log, sqrt } = Math;

/** Keys that DPM-Solver and UniPC both read. */
export const multistepKeys = {
  ...noiseKeys, ...spacingKeys, ...sigmaKeys,
  prediction_type: Type.Enum(['epsilon', 'sample', 'v_prediction', 'flow_prediction']),
  thresholding: Type.Boolean(),
  dynamic_thresholding_ratio: Type.Number({ minimum: 0, maximum: 1 }),
  sample_max_value: Type.Number(),
  lower_order_final: Type.Boolean(),
  final_sigmas_type: Type.Enum(['zero', 'sigma_min']),
  use_flow_sigmas: Type.Boolean(),
  flow_shift: Type.Number({ exclusiveMinimum: 0 }),
  /** It hangs on the size of the picture by rules of each pipeline class. */
  use_dynamic_shifting: Type.Literal(false),
  rescale_betas_zero_snr: Type.Boolean(),
};

export const multistepDefaults = {
  ...noiseDefaults, ...sigmaDefaults, solver_order: 2, prediction_type: 'epsilon', thresholding: false, dynamic_thresholding_ratio: 0.995, sample_max_value: 1,
  lower_order_final: true, final_sigmas_type: 'zero', use_flow_sigmas: false, flow_shift: 1, use_dynamic_shifting: false, timestep_spacing: 'linspace', steps_offset: 0,
  rescale_betas_zero_snr: false,
};

export type MultistepConfig = Static<Type.TObject<typeof multistepKeys>>;

/** A noise level as shares of image and noise, and half the logarithm of their ratio squared: equation 2.1 and section 3 of arXiv:2206.00927. */
export interface Level {
  readonly alpha: number;
  readonly sigma: number;
  readonly lambda: number;
}

/** Solvers that go by what the network predicted at several noise levels, the newest first. */
export abstract class MultistepScheduler extends BaseScheduler {
  readonly #config: MultistepConfig;
  readonly #toOriginal: boolean;
  /** Noise levels of every training timestep. */
  protected readonly table: Float32Array;
  /** Of every step, and the one where the last step ends; set by `arrange`. */
  protected sigmas = new Float32Array(0);

  /** @param toOriginal whether it goes by predictions of the image, else by those of the noise */
  constructor(config: MultistepConfig, file: string, toOriginal: boolean) {
    super(config.num_train_timesteps, file, { most: config.num_train_timesteps - 1 });
    this.#config = config;
    this.#toOriginal = toOriginal;
    const alphas = alphasCumprod(config satisfies NoiseScheduleConfig, file);
    this.table = sigmaTable(config.rescale_betas_zero_snr ? withoutZero(alphas) : alphas);
  }

  protected level(index: number): Level {
    const level = this.sigmas[index];
    const [alpha, sigma] = this.#sharesOf(level);
    return { alpha, sigma, lambda: fround(fround(log(alpha)) - fround(log(sigma))) };
  }

  /** What the network predicted, as the solver goes by it. */
  protected convert(output: Float32Array, stepIndex: number, sample: Float32Array): Float32Array {
    const { prediction_type: predicts, thresholding } = this.#config;
    const [alpha, sigma] = this.#sharesOf(this.sigmas[stepIndex]);
    if (this.#toOriginal) {
      const original = predicts === 'flow_prediction' ? weightedSum([1, sample], [-this.sigmas[stepIndex], output]) : predictOriginal(predicts, output, sample, alpha, sigma);
      return thresholding ? threshold(original, this.#config) : original;
    }
    const noise = predicts === 'flow_prediction' ? weightedSum([1, sample], [1 - this.sigmas[stepIndex], output]) : predictNoise(predicts, output, sample, alpha, sigma);
    if (!thresholding) return noise;
    return divide(weightedSum([1, sample], [-alpha, threshold(divide(weightedSum([1, sample], [-sigma, noise]), alpha), this.#config)]), sigma);
  }

  /** x0 from what `convert` gave. */
  protected originalOf(converted: Float32Array, stepIndex: number, sample: Float32Array): Float32Array {
    if (this.#toOriginal) return converted.slice();
    const [alpha, sigma] = this.#sharesOf(this.sigmas[stepIndex]);
    return divide(weightedSum([1, sample], [-sigma, converted]), alpha);
  }

  /** Noise levels at timesteps. */
  protected tableAt(timesteps: Float64Array): Float64Array {
    return sigmasAt(timesteps, this.table);
  }

  #sharesOf(level: number): [alpha: number, sigma: number] {
    if (this.#config.use_flow_sigmas) return [fround(1 - level), level];
    const alpha = fround(1 / fround(sqrt(fround(fround(level * level) + 1))));
    return [alpha, fround(level * alpha)];
  }
}
