import type { Static } from 'typebox';
import * as Type from 'typebox';
import type { ComponentConfig } from '../componentConfig.ts';
import { AlphaScheduler, rootsOf } from './alphaScheduler.ts';
import { noiseDefaults, noiseKeys } from './noiseSchedule.ts';
import { bound, boundDefaults, boundKeys, predictionType, predictOriginal } from './originalSample.ts';
import type { DrawNoise, Scheduler, SchedulerStep } from './scheduler.ts';
import { readSchedulerConfig } from './schedulerConfig.ts';
import { spacingKeys, wholeTimesteps } from './timestepSpacing.ts';
import { weightedSum } from './weightedSum.ts';

const configKeys = Type.Object({
  ...noiseKeys,
  ...spacingKeys,
  ...boundKeys,
  beta_schedule: Type.Enum(['linear', 'scaled_linear', 'squaredcos_cap_v2', 'sigmoid', 'laplace']),
  prediction_type: predictionType,
  /** Learned variances need a network with twice the channels; of "fixed_large_log" diffusers takes the root of a negative number. */
  variance_type: Type.Union([Type.Null(), Type.Enum(['fixed_small', 'fixed_small_log', 'fixed_large'])]),
  rescale_betas_zero_snr: Type.Boolean(),
});

/** The defaults of diffusers' `DDPMScheduler`. */
const defaults = {
  ...noiseDefaults, ...boundDefaults, variance_type: 'fixed_small', steps_offset: 0, prediction_type: 'epsilon', timestep_spacing: 'leading', rescale_betas_zero_snr: false,
};

const { exp, fround, log, sqrt } = Math;

/**
 * Ancestral sampling with fresh noise at every step: arXiv:2006.11239, equations 6 and 7, as diffusers' `DDPMScheduler`.
 * @param component `scheduler_config.json` of any scheduler class. @throws InputError at a key whose value is not supported
 */
export function createDdpm(component: ComponentConfig<object>): Scheduler {
  return new Ddpm(readSchedulerConfig(configKeys, defaults, component), component.path);
}

class Ddpm extends AlphaScheduler<Static<typeof configKeys>> {
  readonly stateless = false;

  protected arrange(steps: number): Float64Array {
    return wholeTimesteps(this.config, steps);
  }

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array, drawNoise: DrawNoise): SchedulerStep {
    const timestep = this.timesteps[stepIndex];
    const alphaProd = this.alphaAt(timestep);
    const alphaProdPrev = stepIndex + 1 < this.timesteps.length ? this.alphaAt(this.timesteps[stepIndex + 1]) : 1;
    const [betaProd, betaProdPrev] = [fround(1 - alphaProd), fround(1 - alphaProdPrev)];
    const alpha = fround(alphaProd / alphaProdPrev);
    const beta = fround(1 - alpha);
    const predOriginalSample = bound(predictOriginal(this.config.prediction_type, modelOutput, sample, ...rootsOf(alphaProd)), this.config);
    const originalShare = fround(fround(fround(sqrt(alphaProdPrev)) * beta) / betaProd);
    const sampleShare = fround(fround(fround(sqrt(alpha)) * betaProdPrev) / betaProd);
    const mean = weightedSum([originalShare, predOriginalSample], [sampleShare, sample]);
    if (timestep === 0) return { prevSample: mean, predOriginalSample };
    const variance = Math.max(fround(fround(betaProdPrev / betaProd) * beta), fround(1e-20));
    return { prevSample: weightedSum([1, mean], [this.#deviation(variance, beta), drawNoise()]), predOriginalSample };
  }

  #deviation(variance: number, beta: number): number {
    switch (this.config.variance_type) {
      case null: // as configurations of DPM-Solver have it
      case 'fixed_small': return sqrt(variance);
      case 'fixed_small_log': return exp(fround(0.5 * fround(log(variance))));
      case 'fixed_large': return sqrt(beta);
    }
  }
}
