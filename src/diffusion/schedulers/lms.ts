import * as Type from 'typebox';
import type { ComponentConfig } from '../componentConfig.ts';
import { predictionType } from './originalSample.ts';
import { requireOneSpacing } from './requirements.ts';
import type { Scheduler, SchedulerStep } from './scheduler.ts';
import { readSchedulerConfig } from './schedulerConfig.ts';
import { eulerFamilyDefaults, eulerFamilyKeys, noZeroSnr, SigmaScheduler } from './sigmaScheduler.ts';
import { weightedSum } from './weightedSum.ts';

const configKeys = Type.Object({ ...eulerFamilyKeys, ...noZeroSnr, prediction_type: predictionType });

/** How many derivatives a step goes by, once there are so many. */
const mostDerivatives = 4;

/**
 * A linear multistep method over noise levels (Adams and Bashforth's with unequal steps), as diffusers' `LMSDiscreteScheduler`.
 * @param component `scheduler_config.json` of any scheduler class. @throws InputError at a key whose value is not supported
 */
export function createLms(component: ComponentConfig<object>): Scheduler {
  const config = readSchedulerConfig(configKeys, eulerFamilyDefaults, component);
  requireOneSpacing(config, component.path);
  // Karras sigmas of this class, and of no other, go from the first to the last timestep's whatever ends are set.
  const ends = config.use_karras_sigmas === true ? { sigma_min: null, sigma_max: null } : {};
  return new Lms({ ...config, ...ends }, component.path);
}

class Lms extends SigmaScheduler {
  readonly stateless = false;

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array): SchedulerStep {
    const sigma = this.sigmas[stepIndex];
    const predOriginalSample = this.original(modelOutput, sample, sigma);
    this.history = [this.derivative(sample, predOriginalSample, sigma), ...this.history].slice(0, mostDerivatives);
    const change = weightedSum(...this.history.map((derivative, back) => [this.#weight(back, stepIndex), derivative] as const));
    return { prevSample: weightedSum([1, sample], [1, change]), predOriginalSample };
  }

  /** The integral over a step of the polynomial that is 1 at one of the noise levels gone by, and 0 at the others. */
  #weight(back: number, stepIndex: number): number {
    const known = this.history.map((_, index) => this.sigmas[stepIndex - index]);
    const [from, to] = [this.sigmas[stepIndex], this.sigmas[stepIndex + 1]];
    const [middle, half] = [(from + to) / 2, (to - from) / 2];
    const at = (sigma: number): number => known.reduce((product, other, index) => (index === back ? product : product * (sigma - other) / (known[back] - other)), 1);
    // Gauss and Legendre's rule with two points is exact for polynomials of degree 3.
    return half * (at(middle - half / Math.sqrt(3)) + at(middle + half / Math.sqrt(3)));
  }
}
