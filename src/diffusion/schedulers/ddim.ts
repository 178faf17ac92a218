import * as Type from 'typebox';
import { checkShape } from '../../base/checkShape.ts';
import { InputError } from '../../base/errors.ts';
import { phrase } from '../../base/phrase.ts';
import type { ComponentConfig } from '../componentConfig.ts';
import { alphasCumprod, spacedTimesteps } from './noiseSchedule.ts';
import type { Scheduler, SchedulerState, SchedulerStep } from './scheduler.ts';

const configKeys = Type.Object({
  num_train_timesteps: Type.Integer({ minimum: 2, maximum: 1_000_000 }),
  beta_start: Type.Number(),
  beta_end: Type.Number(),
  beta_schedule: Type.Enum(['linear', 'scaled_linear']),
  trained_betas: Type.Null(),
  clip_sample: Type.Boolean(),
  clip_sample_range: Type.Number(),
  set_alpha_to_one: Type.Boolean(),
  steps_offset: Type.Integer({ minimum: 0 }),
  prediction_type: Type.Enum(['epsilon', 'sample', 'v_prediction']),
  timestep_spacing: Type.Enum(['leading', 'linspace', 'trailing']),
  thresholding: Type.Literal(false),
  rescale_betas_zero_snr: Type.Literal(false),
});

/** The defaults of diffusers' `DDIMScheduler`. */
const defaults = {
  num_train_timesteps: 1000, beta_start: 0.0001, beta_end: 0.02, beta_schedule: 'linear', trained_betas: null,
  clip_sample: true, clip_sample_range: 1, set_alpha_to_one: true, steps_offset: 0, prediction_type: 'epsilon',
  timestep_spacing: 'leading', thresholding: false, rescale_betas_zero_snr: false,
};

const { fround, sqrt } = Math;

/**
 * DDIM without added noise (eta = 0): arXiv:2010.02502, equations 12 and 16. Follows diffusers' `scheduling_ddim.py`
 * operation by operation in float32, so that long runs do not drift from it.
 * @param config `scheduler_config.json` of any scheduler class. @throws InputError at a key whose value is not supported
 */
export function createDdim({ path, values }: ComponentConfig<object>): Scheduler {
  const config = checkShape(configKeys, { ...defaults, ...values }, path, phrase`Set the key to a value that is supported here, or use a pipeline trained with one.`);
  return new Ddim(config, path);
}

class Ddim implements Scheduler {
  readonly initNoiseSigma = 1;
  readonly trainTimesteps: number;
  timesteps: Int32Array = new Int32Array(0);
  readonly #config: Type.Static<typeof configKeys>;
  readonly #file: string;
  readonly #alphasCumprod: Float32Array;

  constructor(config: Type.Static<typeof configKeys>, file: string) {
    this.trainTimesteps = config.num_train_timesteps;
    this.#config = config;
    this.#file = file;
    this.#alphasCumprod = alphasCumprod(config);
  }

  setTimesteps(steps: number): void {
    const timesteps = spacedTimesteps(this.#config, steps);
    if (steps < 1 || steps > this.trainTimesteps || timesteps[0] >= this.trainTimesteps) {
      throw new InputError(phrase`${steps} steps do not fit into a schedule of ${this.trainTimesteps} timesteps`, {
        file: this.#file, place: '/num_train_timesteps', remedy: phrase`Ask for 1 to ${this.trainTimesteps - this.#config.steps_offset} steps.`,
      });
    }
    this.timesteps = timesteps;
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array): SchedulerStep {
    const { prediction_type: predicts, clip_sample: clip, clip_sample_range: range, set_alpha_to_one: endsAtOne } = this.#config;
    const timestep = this.timesteps[stepIndex];
    const prevTimestep = timestep - Math.floor(this.trainTimesteps / this.timesteps.length);
    const alphaProd = this.#alphasCumprod[timestep];
    const alphaProdPrev = prevTimestep >= 0 ? this.#alphasCumprod[prevTimestep] : endsAtOne ? 1 : this.#alphasCumprod[0];
    const sqrtAlpha = fround(sqrt(alphaProd));
    const sqrtBeta = fround(sqrt(fround(1 - alphaProd)));
    const sqrtAlphaPrev = fround(sqrt(alphaProdPrev));
    const sqrtBetaPrev = fround(sqrt(fround(1 - alphaProdPrev)));

    const prevSample = new Float32Array(sample.length);
    const predOriginalSample = new Float32Array(sample.length);
    for (let i = 0; i < sample.length; i++) {
      const x = sample[i];
      const output = modelOutput[i];
      let original: number;
      let epsilon: number;
      switch (predicts) {
        case 'epsilon':
          original = fround(fround(x - fround(sqrtBeta * output)) / sqrtAlpha);
          epsilon = output;
          break;
        case 'sample':
          original = output;
          epsilon = fround(fround(x - fround(sqrtAlpha * output)) / sqrtBeta);
          break;
        case 'v_prediction': // arXiv:2202.00512, appendix D
          original = fround(fround(sqrtAlpha * x) - fround(sqrtBeta * output));
          epsilon = fround(fround(sqrtAlpha * output) + fround(sqrtBeta * x));
          break;
      }
      if (clip) original = Math.min(Math.max(original, -range), range);
      predOriginalSample[i] = original;
      prevSample[i] = fround(sqrtAlphaPrev * original) + fround(sqrtBetaPrev * epsilon);
    }
    return { prevSample, predOriginalSample };
  }

  snapshot(): SchedulerState {
    return { steps: this.timesteps.length };
  }

  restore({ steps }: SchedulerState): void {
    this.setTimesteps(steps);
  }
}
