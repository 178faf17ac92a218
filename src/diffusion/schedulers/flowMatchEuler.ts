import type { Static } from 'typebox';
import * as Type from 'typebox';
import type { ComponentConfig } from '../componentConfig.ts';
import { BaseScheduler } from './baseScheduler.ts';
import { requireOneSpacing } from './requirements.ts';
import type { DrawNoise, Scheduler, SchedulerStep } from './scheduler.ts';
import { readSchedulerConfig } from './schedulerConfig.ts';
import { ramp, sigmaDefaults, sigmaKeys, spacedSigmas } from './sigmas.ts';
import { weightedSum } from './weightedSum.ts';

/** All noise is at 1. */
const level = Type.Union([Type.Null(), Type.Number({ exclusiveMinimum: 0, maximum: 1 })]);

const configKeys = Type.Object({
  ...sigmaKeys, sigma_min: level, sigma_max: level,
  num_train_timesteps: Type.Integer({ minimum: 2, maximum: 1_000_000 }),
  shift: Type.Number({ exclusiveMinimum: 0 }),
  /** It hangs on the size of the picture by rules of each pipeline class. */
  use_dynamic_shifting: Type.Literal(false),
  /** Where the schedule is stretched to end. */
  shift_terminal: Type.Union([Type.Null(), Type.Number({ minimum: 0, exclusiveMaximum: 1 })]),
  invert_sigmas: Type.Literal(false),
  stochastic_sampling: Type.Boolean(),
});

/** The defaults of diffusers' `FlowMatchEulerDiscreteScheduler`. */
const defaults = {
  ...sigmaDefaults, num_train_timesteps: 1000, shift: 1, use_dynamic_shifting: false, shift_terminal: null, invert_sigmas: false, stochastic_sampling: false,
};

const { fround } = Math;

/**
 * Euler's method along a straight flow from noise to image: arXiv:2210.02747 and 2403.03206, as diffusers' `FlowMatchEulerDiscreteScheduler`. A sample is
 * (1 - sigma) · x0 + sigma · noise, the network predicts noise - x0, and the diffusion time t is sigma.
 * @param component `scheduler_config.json` of a flow-matching pipeline. @throws InputError at a key whose value is not supported
 */
export function createFlowMatchEuler(component: ComponentConfig<object>): Scheduler {
  const config = readSchedulerConfig(configKeys, defaults, component);
  requireOneSpacing(config, component.path);
  return new FlowMatchEuler(config, component.path);
}

class FlowMatchEuler extends BaseScheduler {
  readonly stateless: boolean;
  readonly #config: Static<typeof configKeys>;
  /** Of every step, and the one where the last step ends. */
  #sigmas = new Float32Array(0);

  constructor(config: Static<typeof configKeys>, file: string) {
    super(config.num_train_timesteps, file, { noisiest: config.num_train_timesteps });
    this.#config = config;
    this.stateless = !config.stochastic_sampling;
  }

  protected arrange(steps: number): Float64Array {
    const count = this.trainTimesteps;
    const { shift, shift_terminal: end } = this.#config;
    const shifted = (sigma: number): number => shift * sigma / (1 + (shift - 1) * sigma);
    // The ends of the training schedule, shifted once in float32; then all in between, once more in float64: so diffusers has it.
    const [most, least] = [1, fround(1 / count)].map((sigma) => fround(fround(shift * sigma) / fround(1 + fround((shift - 1) * sigma))));
    let sigmas: Float64Array = ramp(count * most, count * least, steps).map((timestep) => shifted(timestep / count));
    if (end !== null && end > 0) {
      const stretch = (1 - sigmas[steps - 1]) / (1 - end);
      sigmas = sigmas.map((sigma) => 1 - (1 - sigma) / stretch);
    }
    sigmas = spacedSigmas(this.#config, sigmas[0], sigmas[steps - 1], steps) ?? sigmas;
    this.#sigmas = Float32Array.from([...sigmas, 0]);
    return sigmas.map((sigma) => fround(fround(sigma) * count));
  }

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array, drawNoise: DrawNoise): SchedulerStep {
    const [sigma, next] = [this.#sigmas[stepIndex], this.#sigmas[stepIndex + 1]];
    const predOriginalSample = weightedSum([1, sample], [-sigma, modelOutput]);
    const prevSample = this.#config.stochastic_sampling
      ? weightedSum([1 - next, predOriginalSample], [next, drawNoise()])
      : weightedSum([1, sample], [next - sigma, modelOutput]);
    return { prevSample, predOriginalSample };
  }
}
