import * as Type from 'typebox';
import type { ComponentConfig } from '../componentConfig.ts';
import type { DrawNoise, Scheduler, SchedulerStep } from './scheduler.ts';
import { readSchedulerConfig } from './schedulerConfig.ts';
import { noiseDefaults, noiseKeys } from './noiseSchedule.ts';
import { sigmaDefaults } from './sigmas.ts';
import { SigmaScheduler } from './sigmaScheduler.ts';
import { spacingKeys } from './timestepSpacing.ts';
import { weightedSum } from './weightedSum.ts';

const { fround, sqrt } = Math;

const configKeys = Type.Object({
  ...noiseKeys,
  ...spacingKeys,
  prediction_type: Type.Enum(['epsilon', 'v_prediction']),
  rescale_betas_zero_snr: Type.Boolean(),
});

/** The defaults of diffusers' `EulerAncestralDiscreteScheduler`. */
const defaults = { ...noiseDefaults, prediction_type: 'epsilon', timestep_spacing: 'linspace', steps_offset: 0, rescale_betas_zero_snr: false };

/**
 * Euler's method with fresh noise at every step, as diffusers' `EulerAncestralDiscreteScheduler`.
 * @param component `scheduler_config.json` of any scheduler class. @throws InputError at a key whose value is not supported
 */
export function createEulerAncestral(component: ComponentConfig<object>): Scheduler {
  return new EulerAncestral({ ...readSchedulerConfig(configKeys, defaults, component), ...sigmaDefaults }, component.path);
}

class EulerAncestral extends SigmaScheduler {
  readonly stateless = false;

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array, drawNoise: DrawNoise): SchedulerStep {
    const [from, to] = [this.sigmas[stepIndex], this.sigmas[stepIndex + 1]];
    const [fromSquared, toSquared] = [fround(from * from), fround(to * to)];
    const up = fround(sqrt(fround(fround(toSquared * fround(fromSquared - toSquared)) / fromSquared)));
    const down = fround(sqrt(fround(toSquared - fround(up * up))));
    const predOriginalSample = this.original(modelOutput, sample, from);
    const derivative = this.derivative(sample, predOriginalSample, from);
    return { prevSample: weightedSum([1, sample], [down - from, derivative], [up, drawNoise()]), predOriginalSample };
  }
}
