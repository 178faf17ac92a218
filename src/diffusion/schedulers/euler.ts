import * as Type from 'typebox';
import type { ComponentConfig } from '../componentConfig.ts';
import { predictionType } from './originalSample.ts';
import type { Scheduler, SchedulerStep } from './scheduler.ts';
import { readSchedulerConfig } from './schedulerConfig.ts';
import { eulerFamilyDefaults, eulerFamilyKeys, SigmaScheduler } from './sigmaScheduler.ts';
import { requireDiscrete, requireOneSpacing } from './requirements.ts';
import { weightedSum } from './weightedSum.ts';

const configKeys = Type.Object({
  ...eulerFamilyKeys,
  prediction_type: predictionType,
  interpolation_type: Type.Enum(['linear', 'log_linear']),
  timestep_type: Type.Enum(['discrete', 'continuous']),
  final_sigmas_type: Type.Enum(['zero', 'sigma_min']),
  rescale_betas_zero_snr: Type.Boolean(),
});

/** The defaults of diffusers' `EulerDiscreteScheduler`. */
const defaults = {
  ...eulerFamilyDefaults, interpolation_type: 'linear', timestep_type: 'discrete', final_sigmas_type: 'zero', rescale_betas_zero_snr: false,
};

/**
 * Euler's method: algorithm 2 of arXiv:2206.00364 without churn, as diffusers' `EulerDiscreteScheduler`.
 * @param component `scheduler_config.json` of any scheduler class. @throws InputError at a key whose value is not supported
 */
export function createEuler(component: ComponentConfig<object>): Scheduler {
  const config = readSchedulerConfig(configKeys, defaults, component);
  requireOneSpacing(config, component.path);
  requireDiscrete(config, component.path);
  return new Euler(config, component.path);
}

class Euler extends SigmaScheduler {
  readonly stateless = true;

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array): SchedulerStep {
    const sigma = this.sigmas[stepIndex];
    const predOriginalSample = this.original(modelOutput, sample, sigma);
    const derivative = this.derivative(sample, predOriginalSample, sigma);
    return { prevSample: weightedSum([1, sample], [this.sigmas[stepIndex + 1] - sigma, derivative]), predOriginalSample };
  }
}
