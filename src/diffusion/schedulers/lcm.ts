import type { Static } from 'typebox';
import * as Type from 'typebox';
import { InputError } from '../../base/errors.ts';
import { phrase } from '../../base/phrase.ts';
import type { ComponentConfig } from '../componentConfig.ts';
import { AlphaScheduler, rootsOf } from './alphaScheduler.ts';
import { noiseDefaults, noiseKeys } from './noiseSchedule.ts';
import { bound, boundDefaults, boundKeys, predictionType, predictOriginal } from './originalSample.ts';
import type { DrawNoise, Scheduler, SchedulerStep } from './scheduler.ts';
import { readSchedulerConfig } from './schedulerConfig.ts';
import { weightedSum } from './weightedSum.ts';

const configKeys = Type.Object({
  ...noiseKeys,
  ...boundKeys,
  prediction_type: predictionType,
  /** Steps of the schedule that the model was distilled on. */
  original_inference_steps: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  timestep_scaling: Type.Number(),
  rescale_betas_zero_snr: Type.Boolean(),
});

/** The defaults of diffusers' `LCMScheduler`. */
const defaults = {
  ...noiseDefaults, ...boundDefaults, beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', clip_sample: false,
  original_inference_steps: 50, timestep_scaling: 10, prediction_type: 'epsilon', rescale_betas_zero_snr: false,
};

/** Variance of the data that the boundary condition assumes: sigma_data = 0.5. */
const dataVariance = 0.25;

const { fround, sqrt } = Math;

/**
 * Multistep sampling of latent consistency models: arXiv:2310.04378, algorithm 3, as diffusers' `LCMScheduler`.
 * @param component `scheduler_config.json` of any scheduler class. @throws InputError at a key whose value is not supported
 */
export function createLcm(component: ComponentConfig<object>): Scheduler {
  const config = readSchedulerConfig(configKeys, defaults, component);
  const { original_inference_steps: original, num_train_timesteps: count } = config;
  if (original > count) {
    throw new InputError(phrase`${original} original steps are more than the ${count} timesteps of the schedule`, {
      file: component.path, place: '/original_inference_steps', remedy: phrase`Write at most ${count}.`,
    });
  }
  return new Lcm(config, component.path, { most: original });
}

class Lcm extends AlphaScheduler<Static<typeof configKeys>> {
  readonly stateless = false;

  protected arrange(steps: number): Float64Array {
    const { original_inference_steps: original } = this.config;
    const stride = Math.floor(this.trainTimesteps / original);
    return Float64Array.from({ length: steps }, (_, i) => (original - Math.floor(i * (original / steps))) * stride - 1);
  }

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array, drawNoise: DrawNoise): SchedulerStep {
    const timestep = this.timesteps[stepIndex];
    const original = bound(predictOriginal(this.config.prediction_type, modelOutput, sample, ...rootsOf(this.alphaAt(timestep))), this.config);
    const scaled = fround(timestep * this.config.timestep_scaling);
    const norm = fround(fround(scaled * scaled) + dataVariance);
    const denoised = weightedSum([scaled / fround(sqrt(norm)), original], [dataVariance / norm, sample]);
    if (stepIndex === this.timesteps.length - 1) return { prevSample: denoised, predOriginalSample: denoised };
    const [alpha, sigma] = rootsOf(this.alphaAt(this.timesteps[stepIndex + 1]));
    return { prevSample: weightedSum([alpha, denoised], [sigma, drawNoise()]), predOriginalSample: denoised };
  }
}
