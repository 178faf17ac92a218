import * as Type from 'typebox';
import type { ComponentConfig } from '../componentConfig.ts';
import { bound, boundDefaults, predictionType } from './originalSample.ts';
import { requireOneSpacing } from './requirements.ts';
import type { Scheduler, SchedulerStep } from './scheduler.ts';
import { readSchedulerConfig } from './schedulerConfig.ts';
import { eulerFamilyDefaults, eulerFamilyKeys, noZeroSnr, SigmaScheduler } from './sigmaScheduler.ts';
import { weightedSum } from './weightedSum.ts';

const configKeys = Type.Object({
  ...eulerFamilyKeys, ...noZeroSnr,
  beta_schedule: Type.Enum(['linear', 'scaled_linear', 'squaredcos_cap_v2', 'exp']),
  prediction_type: predictionType,
  clip_sample: Type.Boolean(),
  clip_sample_range: Type.Number(),
});

/** The defaults of diffusers' `HeunDiscreteScheduler`. */
const defaults = { ...eulerFamilyDefaults, beta_start: 0.00085, beta_end: 0.012, clip_sample: false, clip_sample_range: 1 };

/**
 * Heun's method, algorithm 1 of arXiv:2206.00364, as diffusers' `HeunDiscreteScheduler`: but for the last, every step asks the U-Net twice.
 * @param component `scheduler_config.json` of any scheduler class. @throws InputError at a key whose value is not supported
 */
export function createHeun(component: ComponentConfig<object>): Scheduler {
  const config = readSchedulerConfig(configKeys, defaults, component);
  requireOneSpacing(config, component.path);
  return new Heun(config, component.path, config);
}

class Heun extends SigmaScheduler {
  readonly stateless = false;
  readonly #clip: { readonly clip_sample: boolean; readonly clip_sample_range: number };

  constructor(config: ConstructorParameters<typeof SigmaScheduler>[0], file: string, { clip_sample, clip_sample_range }: { clip_sample: boolean; clip_sample_range: number }) {
    super(config, file);
    this.#clip = { clip_sample, clip_sample_range };
  }

  protected override arrange(steps: number): Float64Array {
    const timesteps = super.arrange(steps);
    const { length } = this.sigmas;
    this.sigmas = this.sigmas.length < 3 ? this.sigmas : Float32Array.from({ length: 2 * length - 2 }, (_, i) => this.sigmas[(i + 1) >> 1]);
    return Float64Array.from({ length: 2 * steps - 1 }, (_, i) => timesteps[(i + 1) >> 1]);
  }

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array): SchedulerStep {
    const first = stepIndex % 2 === 0;
    const sigma = this.sigmas[stepIndex];
    const predOriginalSample = bound(this.original(modelOutput, sample, sigma), { ...boundDefaults, ...this.#clip });
    const derivative = this.derivative(sample, predOriginalSample, sigma);
    if (first) {
      this.history = [derivative, sample];
      return { prevSample: weightedSum([1, sample], [this.sigmas[stepIndex + 1] - sigma, derivative]), predOriginalSample };
    }
    const [before, start] = this.history;
    this.history = [];
    const mean = weightedSum([1, before], [1, derivative]).map((sum) => sum / 2);
    return { prevSample: weightedSum([1, start], [sigma - this.sigmas[stepIndex - 1], mean]), predOriginalSample };
  }
}
