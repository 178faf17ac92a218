import type { Static } from 'typebox';
import * as Type from 'typebox';
import type { ComponentConfig } from '../componentConfig.ts';
import { AlphaScheduler, rootsOf } from './alphaScheduler.ts';
import { noiseDefaults, noiseKeys } from './noiseSchedule.ts';
import { predictNoise, predictOriginal } from './originalSample.ts';
import type { Scheduler, SchedulerStep } from './scheduler.ts';
import { readSchedulerConfig } from './schedulerConfig.ts';
import { noZeroSnr } from './sigmaScheduler.ts';
import { spacingKeys, wholeTimesteps } from './timestepSpacing.ts';
import { divide, weightedSum } from './weightedSum.ts';

const configKeys = Type.Object({
  ...noiseKeys, ...spacingKeys, ...noZeroSnr,
  skip_prk_steps: Type.Boolean(),
  set_alpha_to_one: Type.Boolean(),
  prediction_type: Type.Enum(['epsilon', 'v_prediction']),
});

/** The defaults of diffusers' `PNDMScheduler`. */
const defaults = { ...noiseDefaults, skip_prk_steps: false, set_alpha_to_one: false, prediction_type: 'epsilon', timestep_spacing: 'leading', steps_offset: 0 };

/** Steps that Runge and Kutta's method makes before there are predictions enough for the linear multistep one, and how often each asks the U-Net. */
const [rungeKuttaSteps, rungeKuttaCalls] = [3, 4];

const { fround, sqrt } = Math;

/**
 * Pseudo numerical methods: arXiv:2202.09778, equations 9, 12 and 13, as diffusers' `PNDMScheduler`. With `skip_prk_steps` the second step asks the U-Net again at the
 * timestep of the first one's end, without it the first three steps are Runge and Kutta's, four calls each.
 * @param component `scheduler_config.json` of any scheduler class. @throws InputError at a key whose value is not supported
 */
export function createPndm(component: ComponentConfig<object>): Scheduler {
  const config = readSchedulerConfig(configKeys, defaults, component);
  return new Pndm(config, component.path, { least: config.skip_prk_steps ? 1 : rungeKuttaSteps + 1 });
}

class Pndm extends AlphaScheduler<Static<typeof configKeys>> {
  readonly stateless = false;
  /** Timesteps between two steps. */
  #stride = 0;

  protected arrange(steps: number): Float64Array {
    const visited = wholeTimesteps(this.config, steps);
    this.#stride = Math.floor(this.trainTimesteps / steps);
    if (this.config.skip_prk_steps) return steps === 1 ? visited : Float64Array.from([visited[0], visited[1], ...visited.slice(1)]);
    const half = Math.floor(this.#stride / 2);
    const between = [0, 1, 2].flatMap((step) => [visited[step], visited[step + 1] + half, visited[step + 1] + half, visited[step + 1]]);
    return Float64Array.from([...between, ...visited.slice(rungeKuttaSteps)]);
  }

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array): SchedulerStep {
    const timestep = this.timesteps[stepIndex];
    const [alpha, sigma] = rootsOf(this.alphaAt(timestep));
    const predOriginalSample = predictOriginal(this.config.prediction_type, modelOutput, sample, alpha, sigma);
    const byRungeKutta = !this.config.skip_prk_steps && stepIndex < rungeKuttaSteps * rungeKuttaCalls;
    return { prevSample: (byRungeKutta ? this.#rungeKutta : this.#multistep).call(this, modelOutput, stepIndex, sample), predOriginalSample };
  }

  /** Remembers, between the calls of a step: the sum of predictions, the sample it started from; and the first prediction of each step. */
  #rungeKutta(output: Float32Array, stepIndex: number, sample: Float32Array): Float32Array {
    const call = stepIndex % rungeKuttaCalls;
    const from = this.timesteps[stepIndex - call];
    const to = this.timesteps[stepIndex] - (call % 2 === 1 ? 0 : Math.floor(this.#stride / 2));
    const [sum, start, ...firsts] = call === 0 ? [weightedSum([1 / 6, output]), sample, ...this.history, output.slice()] : this.history;
    const share = call === 0 ? sum : weightedSum([1, sum], [call === 3 ? 1 / 6 : 1 / 3, output]);
    this.history = call === 3 ? firsts : [share, start, ...firsts];
    return this.#transfer(start, from, to, call === 3 ? share : output);
  }

  /** Remembers predictions, the newest last, and after the very first step the sample it started from. */
  #multistep(output: Float32Array, stepIndex: number, sample: Float32Array): Float32Array {
    const timestep = this.timesteps[stepIndex];
    if (this.config.skip_prk_steps && stepIndex === 1) {
      const [first, start] = this.history;
      this.history = [first];
      return this.#transfer(start, timestep + this.#stride, timestep, weightedSum([1, output], [1, first]).map((sum) => sum / 2));
    }
    const known = [...this.history.slice(-3), output.slice()];
    this.history = this.config.skip_prk_steps && stepIndex === 0 ? [known[0], sample] : known;
    return this.#transfer(sample, timestep, timestep - this.#stride, extrapolated(known));
  }

  /** Equation 9: from one timestep to another along a prediction. */
  #transfer(sample: Float32Array, timestep: number, prevTimestep: number, prediction: Float32Array): Float32Array {
    const { set_alpha_to_one: endsAtOne, prediction_type: predicts } = this.config;
    const alphaProd = this.alphaAt(timestep);
    const alphaProdPrev = this.alphaAt(prevTimestep, endsAtOne ? 1 : undefined);
    const [betaProd, betaProdPrev] = [fround(1 - alphaProd), fround(1 - alphaProdPrev)];
    const [alpha, sigma] = rootsOf(alphaProd);
    const noise = predictNoise(predicts, prediction, sample, alpha, sigma);
    const divisor = fround(fround(alphaProd * fround(sqrt(betaProdPrev))) + fround(sqrt(fround(fround(alphaProd * betaProd) * alphaProdPrev))));
    return weightedSum([sqrt(fround(alphaProdPrev / alphaProd)), sample], [alphaProd - alphaProdPrev, noise, divisor]);
  }
}

/** Equation 12 and its beginnings: Adams and Bashforth's weights. @param known one to four predictions, the newest last */
function extrapolated(known: readonly Float32Array[]): Float32Array {
  const [newest, second, third, fourth] = known.toReversed();
  switch (known.length) {
    case 1: return newest;
    case 2: return divide(weightedSum([3, newest], [-1, second]), 2);
    case 3: return divide(weightedSum([23, newest], [-16, second], [5, third]), 12);
    default: return weightedSum([1 / 24, weightedSum([55, newest], [-59, second], [37, third], [-9, fourth])]);
  }
}
