import * as Type from 'typebox';
import { BaseScheduler } from './baseScheduler.ts';
import { alphasCumprod, linspace, noiseDefaults, noiseKeys } from './noiseSchedule.ts';
import type { NoiseScheduleConfig } from './noiseSchedule.ts';
import { sigmaDefaults, sigmaKeys, sigmasAt, sigmaTable, spacedSigmas, timestepsOf, withoutZero } from './sigmas.ts';
import type { SigmaConfig } from './sigmas.ts';
import { fractionalTimesteps, spacingKeys } from './timestepSpacing.ts';
import type { SpacingConfig } from './timestepSpacing.ts';
import { predictOriginal } from './originalSample.ts';
import type { PredictionType } from './originalSample.ts';
import { weightedSum } from './weightedSum.ts';

const { fround, sqrt } = Math;

/** Keys that all schedulers over noise levels read. */
export const eulerFamilyKeys = { ...noiseKeys, ...spacingKeys, ...sigmaKeys };
export const eulerFamilyDefaults = { ...noiseDefaults, ...sigmaDefaults, prediction_type: 'epsilon', timestep_spacing: 'linspace', steps_offset: 0 };

/** Not known to the class: diffusers would sample without it, and silently wrongly. */
export const noZeroSnr = { rescale_betas_zero_snr: Type.Optional(Type.Literal(false)) };

/** What the members of the family differ in. */
export interface FamilyConfig extends NoiseScheduleConfig, SpacingConfig, SigmaConfig {
  readonly prediction_type: PredictionType;
  readonly interpolation_type?: 'linear' | 'log_linear';
  readonly final_sigmas_type?: 'zero' | 'sigma_min';
}

/** Schedulers that count in noise levels sigma and see a sample as x0 + sigma · noise: Euler's, Heun's and linear multistep methods, after arXiv:2206.00364. */
export abstract class SigmaScheduler extends BaseScheduler {
  /** Of every step, and the one where the last step ends. */
  protected sigmas = new Float32Array(0);
  protected readonly config: FamilyConfig;
  readonly #table: Float32Array;

  constructor(config: FamilyConfig, file: string) {
    super(config.num_train_timesteps, file);
    this.config = config;
    const alphas = alphasCumprod(config, file);
    this.#table = sigmaTable(config.rescale_betas_zero_snr === true ? withoutZero(alphas) : alphas);
  }

  override scaleModelInput(sample: Float32Array, stepIndex: number): Float32Array {
    const scale = norm(this.sigmas[stepIndex]);
    return sample.map((value) => value / scale);
  }

  protected arrange(steps: number): Float64Array {
    const { interpolation_type: interpolation = 'linear', final_sigmas_type: final = 'zero' } = this.config;
    const table = this.#table;
    const timesteps = fractionalTimesteps(this.config, steps);
    const sigmas = interpolation === 'linear' ? sigmasAt(timesteps, table) : logLinear(table, steps);
    const spaced = spacedSigmas(this.config, sigmas[0], sigmas[sigmas.length - 1], steps);
    this.sigmas = Float32Array.from([...spaced ?? sigmas, final === 'zero' ? 0 : table[0]]);
    const most = this.sigmas.reduce((greatest, sigma) => Math.max(greatest, sigma), 0);
    this.initNoiseSigma = this.config.timestep_spacing === 'leading' ? sqrt(fround(fround(most * most) + 1)) : most;
    return (spaced === undefined ? timesteps : timestepsOf(spaced, table)).map(fround);
  }

  /** x0 as predicted at a noise level. */
  protected original(output: Float32Array, sample: Float32Array, sigma: number): Float32Array {
    const variance = fround(fround(sigma * sigma) + 1);
    return this.config.prediction_type === 'v_prediction'
      ? weightedSum([-sigma / fround(sqrt(variance)), output], [1, sample, variance])
      : predictOriginal(this.config.prediction_type, output, sample, 1, sigma);
  }

  /** (x - x0) / sigma, which is dx / dsigma. */
  protected derivative(sample: Float32Array, original: Float32Array, sigma: number): Float32Array {
    return weightedSum([1, sample], [-1, original]).map((difference) => difference / sigma);
  }
}

/** sqrt(sigma² + 1) in float32. */
function norm(sigma: number): number {
  return fround(sqrt(fround(fround(sigma * sigma) + 1)));
}

/** Evenly in the logarithm from the noisiest on; one more than there are steps, as diffusers has it. */
function logLinear(table: Float32Array, steps: number): Float64Array {
  return Float64Array.from(linspace(Math.log(table[table.length - 1]), Math.log(table[0]), steps + 1), (value) => fround(Math.exp(value)));
}
