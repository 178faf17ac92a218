import type { Static } from 'typebox';
import * as Type from 'typebox';
import type { ComponentConfig } from '../componentConfig.ts';
import { multistepDefaults, multistepKeys, MultistepScheduler } from './multistepScheduler.ts';
import type { Level } from './multistepScheduler.ts';
import { requireSolver, requireOneSpacing } from './requirements.ts';
import type { DrawNoise, Scheduler, SchedulerStep } from './scheduler.ts';
import { readSchedulerConfig } from './schedulerConfig.ts';
import { blend, ramp, spacedSigmas, timestepsOf } from './sigmas.ts';
import { multistepTimesteps, roundHalfToEven } from './timestepSpacing.ts';
import { weightedSum } from './weightedSum.ts';
import type { Term } from './weightedSum.ts';

const configKeys = Type.Object({
  ...multistepKeys,
  solver_order: Type.Integer({ minimum: 1, maximum: 3 }),
  algorithm_type: Type.Enum(['dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++']),
  solver_type: Type.Enum(['midpoint', 'heun']),
  euler_at_final: Type.Boolean(),
  use_lu_lambdas: Type.Boolean(),
  /** Timesteps with less of half the log signal-to-noise ratio are left out. */
  lambda_min_clipped: Type.Union([Type.Number(), Type.Null()]),
  /** A network that predicts variances has twice the channels. */
  variance_type: Type.Null(),
});
type DpmConfig = Static<typeof configKeys>;

/** The defaults of diffusers' `DPMSolverMultistepScheduler`. */
const defaults = {
  ...multistepDefaults, algorithm_type: 'dpmsolver++', solver_type: 'midpoint', euler_at_final: false, use_lu_lambdas: false, lambda_min_clipped: null, variance_type: null,
};

/** What the class reads words of its relatives as. */
const synonyms: Readonly<Record<string, string>> = { deis: 'dpmsolver++', logrho: 'midpoint', bh1: 'midpoint', bh2: 'midpoint' };

const { exp, fround, sqrt } = Math;

/**
 * DPM-Solver and DPM-Solver++, multistep, of orders 1 to 3: arXiv:2206.00927 and 2211.01095, as diffusers' `DPMSolverMultistepScheduler`.
 * @param component `scheduler_config.json` of any scheduler class
 * @param stochastic whether fresh noise is drawn at every step (the SDE solvers). @throws InputError at a key whose value is not supported
 */
export function createDpmSolver(component: ComponentConfig<object>, stochastic: boolean): Scheduler {
  const given = component.values as Readonly<Record<string, unknown>>;
  const meant: Record<string, unknown> = Object.fromEntries(['algorithm_type', 'solver_type'].flatMap((key) => {
    const word = given[key];
    return typeof word === 'string' && word in synonyms ? [[key, synonyms[word]]] : [];
  }));
  // DDPM's variances are fixed ones, which no other class looks at.
  if (typeof given.variance_type === 'string' && given.variance_type.startsWith('fixed')) meant.variance_type = null;
  const config = readSchedulerConfig(configKeys, defaults, { ...component, values: { ...given, ...meant } });
  requireOneSpacing(config, component.path);
  const algorithm = config.algorithm_type.startsWith('sde-') === stochastic ? config.algorithm_type : stochastic ? 'sde-dpmsolver++' as const : 'dpmsolver++' as const;
  requireSolver(given.algorithm_type === 'deis' && !stochastic ? 'deis' : algorithm, config, component.path);
  return new DpmSolver({ ...config, algorithm_type: algorithm }, component.path);
}

class DpmSolver extends MultistepScheduler {
  readonly stateless = false;
  readonly #config: DpmConfig;

  constructor(config: DpmConfig, file: string) {
    super(config, file, config.algorithm_type.endsWith('++'));
    this.#config = config;
  }

  protected arrange(steps: number): Float64Array {
    const { table } = this;
    const config = this.#config;
    const cosine = config.beta_schedule === 'squaredcos_cap_v2';
    const plain = multistepTimesteps(config, steps, this.#visited());
    const [most, least] = [table[table.length - 1], table[0]];
    let sigmas = spacedSigmas(config, most, least, steps);
    let timesteps: Float64Array;
    if (sigmas !== undefined) {
      timesteps = timestepsOf(sigmas, table);
      if (config.use_karras_sigmas === true && !cosine) timesteps = timesteps.map(roundHalfToEven);
    } else if (config.use_lu_lambdas) {
      sigmas = blend(fround(Math.log(most)), fround(Math.log(least)), steps).map(exp);
      timesteps = timestepsOf(sigmas, table);
      if (!cosine) timesteps = timesteps.map(roundHalfToEven);
    } else if (config.use_flow_sigmas) {
      const { flow_shift: shift, num_train_timesteps: count } = config;
      sigmas = ramp(1, 1 / count, steps + 1).map((alpha) => shift * (1 - alpha) / (1 + (shift - 1) * (1 - alpha))).reverse().slice(0, -1);
      timesteps = sigmas.map((sigma) => sigma * count);
    } else {
      sigmas = this.tableAt(plain);
      timesteps = plain;
    }
    this.sigmas = Float32Array.from([...sigmas, config.final_sigmas_type === 'zero' ? 0 : table[0]]);
    return timesteps.map(Math.trunc);
  }

  step(modelOutput: Float32Array, stepIndex: number, sample: Float32Array, drawNoise: DrawNoise): SchedulerStep {
    const converted = this.convert(modelOutput, stepIndex, sample);
    this.history = [converted, ...this.history].slice(0, this.#config.solver_order);
    const noise = this.#config.algorithm_type.startsWith('sde-') ? drawNoise() : undefined;
    const terms = this.#termsOf(this.#orderAt(stepIndex), stepIndex, sample);
    const [target, here] = [this.level(stepIndex + 1), this.level(stepIndex)];
    if (noise !== undefined) terms.push([this.#noiseShare(target, fround(target.lambda - here.lambda)), noise]);
    return { prevSample: weightedSum(...terms), predOriginalSample: this.originalOf(converted, stepIndex, sample) };
  }

  /** How many of the training timesteps are visited: the rest have too little signal. */
  #visited(): number {
    const { lambda_min_clipped: least, num_train_timesteps: count } = this.#config;
    if (least === null) return count;
    const roots = this.table.map((sigma) => -Math.log(sigma));
    return count - roots.reduce((dropped, lambda) => dropped + (lambda < least ? 1 : 0), 0);
  }

  /** Lower at the ends: at first for want of predictions, at last for stability. */
  #orderAt(stepIndex: number): number {
    const { solver_order: order, lower_order_final: lower, euler_at_final: euler, final_sigmas_type: final } = this.#config;
    const left = this.timesteps.length - stepIndex;
    const few = lower && this.timesteps.length < 15;
    if (left === 1 && (euler || few || final === 'zero')) return 1;
    return Math.min(order, stepIndex + 1, left === 2 && few ? 2 : order);
  }

  /** The share of the sample, and of the newest prediction's divided differences. */
  #termsOf(order: number, stepIndex: number, sample: Float32Array): Term[] {
    const [target, here] = [this.level(stepIndex + 1), this.level(stepIndex)];
    const h = fround(target.lambda - here.lambda);
    const shares = this.#sharesOf(target, here, h);
    const [m0, m1, m2] = this.history;
    const terms: Term[] = [[shares.sample, sample], [shares.first, m0]];
    if (order === 1) return terms;
    const r0 = fround(fround(here.lambda - this.level(stepIndex - 1).lambda) / h);
    const slope = weightedSum([fround(1 / r0), weightedSum([1, m0], [-1, m1])]);
    if (order === 2) return [...terms, [this.#config.solver_type === 'midpoint' ? shares.midpoint : shares.second, slope]];
    const r1 = fround(fround(this.level(stepIndex - 1).lambda - this.level(stepIndex - 2).lambda) / h);
    const earlier = weightedSum([fround(1 / r1), weightedSum([1, m1], [-1, m2])]);
    const bend = weightedSum([1, slope], [-1, earlier]);
    const both = fround(r0 + r1);
    return [...terms, [shares.second, weightedSum([1, slope], [fround(r0 / both), bend])], [shares.third, weightedSum([fround(1 / both), bend])]];
  }

  /** Factors of the terms, by algorithm: table 1 of arXiv:2211.01095, and appendix B of 2206.00927. */
  #sharesOf({ alpha, sigma }: Level, here: Level, h: number): Record<'sample' | 'first' | 'midpoint' | 'second' | 'third', number> {
    switch (this.#config.algorithm_type) {
      case 'dpmsolver++': {
        const grown = fround(fround(exp(-h)) - 1);
        const first = -fround(alpha * grown);
        return {
          sample: fround(sigma / here.sigma), first, midpoint: 0.5 * first, second: alpha * fround(fround(grown / h) + 1),
          third: -alpha * fround(fround(fround(grown + h) / fround(h * h)) - 0.5),
        };
      }
      case 'dpmsolver': {
        const grown = fround(fround(exp(h)) - 1);
        const first = -fround(sigma * grown);
        return {
          sample: fround(alpha / here.alpha), first, midpoint: 0.5 * first, second: -sigma * fround(fround(grown / h) - 1),
          third: -sigma * fround(fround(fround(grown - h) / fround(h * h)) - 0.5),
        };
      }
      case 'sde-dpmsolver++': {
        const twice = fround(2 * h);
        const shrunk = fround(1 - fround(exp(-twice)));
        const first = fround(alpha * shrunk);
        return {
          sample: fround(fround(sigma / here.sigma) * fround(exp(-h))), first, midpoint: 0.5 * first, second: alpha * fround(fround(shrunk / -twice) + 1),
          third: alpha * fround(fround(fround(shrunk - twice) / fround(twice * twice)) - 0.5),
        };
      }
      case 'sde-dpmsolver': {
        const grown = fround(fround(exp(h)) - 1);
        const first = -fround(sigma * grown);
        return { sample: fround(alpha / here.alpha), first: 2 * first, midpoint: first, second: -2 * fround(sigma * fround(fround(grown / h) - 1)), third: NaN };
      }
    }
  }

  /** Standard deviation of the noise that a step of the SDE adds. */
  #noiseShare({ sigma }: Level, h: number): number {
    const share = this.#config.algorithm_type === 'sde-dpmsolver++' ? 1 - fround(exp(-fround(2 * h))) : fround(exp(fround(2 * h))) - 1;
    return fround(sigma * fround(sqrt(fround(share))));
  }
}
