import type { Static } from 'typebox';
import * as Type from 'typebox';
import { solveLinear } from '../../base/solveLinear.ts';
import type { ComponentConfig } from '../componentConfig.ts';
import { multistepDefaults, multistepKeys, MultistepScheduler } from './multistepScheduler.ts';
import { requireOneSpacing, requirePrediction } from './requirements.ts';
import type { Scheduler, SchedulerStep } from './scheduler.ts';
import { readSchedulerConfig } from './schedulerConfig.ts';
import { ramp, spacedSigmas, timestepsOf } from './sigmas.ts';
import { multistepTimesteps, roundHalfToEven } from './timestepSpacing.ts';
import { weightedSum } from './weightedSum.ts';
import type { Term } from './weightedSum.ts';

const configKeys = Type.Object({
  ...multistepKeys,
  solver_order: Type.Integer({ minimum: 1, maximum: 8 }),
  predict_x0: Type.Boolean(),
  solver_type: Type.Enum(['bh1', 'bh2']),
  /** Steps after which the prediction does not correct the sample that it was asked at. */
  disable_corrector: Type.Array(Type.Integer()),
  solver_p: Type.Null(),
  shift_terminal: Type.Null(),
});
type UnipcConfig = Static<typeof configKeys>;

/** The defaults of diffusers' `UniPCMultistepScheduler`. */
const defaults = { ...multistepDefaults, predict_x0: true, solver_type: 'bh2', disable_corrector: [], solver_p: null, shift_terminal: null };

const { fround } = Math;

/**
 * The unified predictor-corrector: arXiv:2302.04867, algorithms 1 to 3, as diffusers' `UniPCMultistepScheduler`.
 * @param component `scheduler_config.json` of any scheduler class. @throws InputError at a key whose value is not supported
 */
export function createUnipc(component: ComponentConfig<object>): Scheduler {
  const given = component.values as Readonly<Record<string, unknown>>;
  // What the class reads words of its relatives as.
  const meant = ['midpoint', 'heun', 'logrho'].includes(String(given.solver_type)) ? { solver_type: 'bh2' } : {};
  const config = readSchedulerConfig(configKeys, defaults, { ...component, values: { ...given, ...meant } });
  requireOneSpacing(config, component.path);
  requirePrediction(config, component.path);
  return new Unipc(config, component.path);
}

/** Remembers the sample that the last step went on from, corrected, and predictions, the newest first. */
class Unipc extends MultistepScheduler {
  readonly stateless = false;
  readonly #config: UnipcConfig;

  constructor(config: UnipcConfig, file: string) {
    super(config, file, config.predict_x0);
    this.#config = config;
  }

  protected arrange(steps: number): Float64Array {
    const { table } = this;
    const config = this.#config;
    const { num_train_timesteps: count, flow_shift: shift } = config;
    let sigmas = spacedSigmas(config, table[table.length - 1], table[0], steps);
    let timesteps: Float64Array;
    let last = table[0];
    if (sigmas !== undefined) {
      timesteps = timestepsOf(sigmas, table);
      if (config.use_karras_sigmas === true) timesteps = timesteps.map(roundHalfToEven);
      last = sigmas[steps - 1];
    } else if (config.use_flow_sigmas) {
      sigmas = ramp(1, 1 / count, steps + 1).slice(0, -1).map((sigma) => shift * sigma / (1 + (shift - 1) * sigma));
      if (Math.abs(sigmas[0] - 1) < 1e-6) sigmas[0] -= 1e-6; // the logarithm of no image at all is not finite
      timesteps = sigmas.map((sigma) => sigma * count);
      last = sigmas[steps - 1];
    } else {
      timesteps = multistepTimesteps(config, steps, count);
      sigmas = this.tableAt(timesteps);
    }
    this.sigmas = Float32Array.from([...sigmas, config.final_sigmas_type === 'zero' ? 0 : last]);
    return timesteps.map(Math.trunc);
  }

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array): SchedulerStep {
    const [lastSample, ...outputs] = this.history;
    const converted = this.convert(modelOutput, stepIndex, sample);
    const predOriginalSample = this.originalOf(converted, stepIndex, sample);
    const corrects = stepIndex > 0 && !this.#config.disable_corrector.includes(stepIndex - 1);
    const corrected = corrects ? this.#update(lastSample, stepIndex, this.#orderAt(stepIndex - 1), outputs, converted) : sample;
    const known = [converted, ...outputs].slice(0, this.#config.solver_order);
    this.history = [corrected, ...known];
    return { prevSample: this.#update(corrected, stepIndex + 1, this.#orderAt(stepIndex), known), predOriginalSample };
  }

  #orderAt(stepIndex: number): number {
    const { solver_order: order, lower_order_final: lower } = this.#config;
    return Math.min(lower ? Math.min(order, this.timesteps.length - stepIndex) : order, Math.min(stepIndex, order) + 1);
  }

  /**
   * From the noise level before `target` to it: UniP, or with what was predicted there UniC.
   * @param outputs of the levels before it, the newest first
   */
  #update(sample: Float32Array, target: number, order: number, outputs: readonly Float32Array[], there?: Float32Array): Float32Array {
    const { predict_x0: toOriginal, solver_type: solver } = this.#config;
    const [to, from] = [this.level(target), this.level(target - 1)];
    const h = fround(to.lambda - from.lambda);
    const [newest] = outputs;
    const ratios = Array.from({ length: order - 1 }, (_, i) => fround(fround(this.level(target - 2 - i).lambda - from.lambda) / h));
    const slopes = ratios.map((ratio, i) => weightedSum([1, outputs[i + 1]], [-1, newest]).map((difference) => difference / ratio));
    const hh = toOriginal ? -h : h;
    const phi = fround(Math.expm1(hh));
    const bh = solver === 'bh1' ? hh : phi;
    const weights = weightsOf(ratios, hh, phi, bh, there !== undefined);
    const share = toOriginal ? to.alpha : to.sigma;
    const start: Term[] = [[toOriginal ? fround(to.sigma / from.sigma) : fround(to.alpha / from.alpha), sample], [-fround(share * phi), newest]];
    const changes: Term[] = slopes.map((slope, i) => [weights[i], slope]);
    if (there !== undefined) changes.push([weights[order - 1], weightedSum([1, there], [-1, newest])]);
    return changes.length === 0 ? weightedSum(...start) : weightedSum(...start, [-fround(share * bh), weightedSum(...changes)]);
  }
}

/** Weights of the divided differences: theorem 3.1. @param ratios of the earlier steps to this one. @param corrects whether the target's own prediction is among them */
function weightsOf(ratios: readonly number[], hh: number, phi: number, bh: number, corrects: boolean): number[] {
  const order = ratios.length + 1;
  if (!corrects && order <= 2 || order === 1) return [0.5]; // diffusers' simplified versions
  const points = [...ratios, 1];
  const size = corrects ? order : order - 1;
  const right: number[] = [];
  let [phiK, factorial] = [fround(fround(phi / hh) - 1), 1];
  for (let k = 1; k <= size; k++) {
    right.push(fround(fround(phiK * factorial) / bh));
    factorial *= k + 1;
    phiK = fround(fround(phiK / hh) - 1 / factorial);
  }
  return solveLinear(right.map((_, power) => points.slice(0, size).map((point) => fround(point ** power))), right);
}
