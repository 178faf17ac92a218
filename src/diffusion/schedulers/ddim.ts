import type { Static } from 'typebox';
import * as Type from 'typebox';
import type { ComponentConfig } from '../componentConfig.ts';
import { AlphaScheduler, rootsOf } from './alphaScheduler.ts';
import { noiseDefaults, noiseKeys } from './noiseSchedule.ts';
import { bound, boundDefaults, boundKeys, predictionType, predictNoise, predictOriginal } from './originalSample.ts';
import type { Scheduler, SchedulerStep } from './scheduler.ts';
import { readSchedulerConfig } from './schedulerConfig.ts';
import { spacingKeys, wholeTimesteps } from './timestepSpacing.ts';
import { weightedSum } from './weightedSum.ts';

const configKeys = Type.Object({
  ...noiseKeys,
  ...spacingKeys,
  ...boundKeys,
  prediction_type: predictionType,
  set_alpha_to_one: Type.Boolean(),
  rescale_betas_zero_snr: Type.Boolean(),
});

/** The defaults of diffusers' `DDIMScheduler`. */
const defaults = {
  ...noiseDefaults, ...boundDefaults, set_alpha_to_one: true, steps_offset: 0, prediction_type: 'epsilon', timestep_spacing: 'leading', rescale_betas_zero_snr: false,
};

/**
 * DDIM without added noise (eta = 0): arXiv:2010.02502, equations 12 and 16. Follows diffusers' `scheduling_ddim.py`
 * operation by operation in float32, so that long runs do not drift from it.
 * @param component `scheduler_config.json` of any scheduler class. @throws InputError at a key whose value is not supported
 */
export function createDdim(component: ComponentConfig<object>): Scheduler {
  return new Ddim(readSchedulerConfig(configKeys, defaults, component), component.path);
}

class Ddim extends AlphaScheduler<Static<typeof configKeys>> {
  readonly stateless = true;

  protected arrange(steps: number): Float64Array {
    return wholeTimesteps(this.config, steps);
  }

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array): SchedulerStep {
    const { prediction_type: predicts, set_alpha_to_one: endsAtOne } = this.config;
    const timestep = this.timesteps[stepIndex];
    const [alpha, sigma] = rootsOf(this.alphaAt(timestep));
    const [alphaPrev, sigmaPrev] = rootsOf(this.alphaAt(timestep - Math.floor(this.trainTimesteps / this.timesteps.length), endsAtOne ? 1 : undefined));
    const predOriginalSample = bound(predictOriginal(predicts, modelOutput, sample, alpha, sigma), this.config);
    const noise = predictNoise(predicts, modelOutput, sample, alpha, sigma);
    return { prevSample: weightedSum([alphaPrev, predOriginalSample], [sigmaPrev, noise]), predOriginalSample };
  }
}
