import { relative } from 'node:path';
import type { ModelAtWork, RunResult } from '../experiment/executeOptions.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import { requireSpec } from '../spec/parseSpec.ts';
import { askedHash } from './askedHash.ts';
import { costOf } from './costOf.ts';
import type { ExperimentPlan, StudyPlan, SweepPlan } from './experimentPlan.ts';
import type { SweepOutcome } from './outcome.ts';
import { OutcomeMaker, type OutcomeContext } from './outcomeMaker.ts';
import { storeExperiment, storeSweep, type StoredExperiment, type StoredSweep } from './storeOutcomes.ts';

/** Who is told of outcomes, and what they are made with. */
export interface PartOptions extends OutcomeContext {
  /** Told after each experiment, and each variant of a sweep, that was measured; where it returns a promise, it is waited for. */
  readonly onMeasured?: (done: number, total: number) => void | Promise<void>;
  /** Told when `experiment.json` has been written. */
  readonly onExperiment?: (stored: StoredExperiment) => void | Promise<void>;
  /** Told when `sweep.json` and its tables have been written. */
  readonly onSweep?: (stored: StoredSweep) => void | Promise<void>;
}

/** An experiment, or a sweep with all its variants. */
interface Part {
  readonly plans: readonly ExperimentPlan[];
  /** Of all its runs. */
  readonly keys: ReadonlySet<string>;
  /** Make its outcome and put it on the disk. */
  readonly store: (maker: OutcomeMaker, results: ReadonlyMap<string, RunResult>, atWork: ModelAtWork | undefined) => Promise<void>;
}

/** Experiments and sweeps of a call: each is told and stored as soon as its own runs have results. */
export class StudyParts {
  readonly #spec: SpecPlan;
  readonly #study: StudyPlan;
  readonly #judge: string | undefined;
  readonly #options: PartOptions;
  readonly #total: number;
  #waiting: readonly Part[];
  #maker: OutcomeMaker | undefined;
  #measured = 0;
  readonly #experiments = new Map<string, StoredExperiment>();
  readonly #sweeps = new Map<string, StoredSweep>();

  /** @param judge its folder; undefined where there is none */
  constructor(spec: SpecPlan, study: StudyPlan, judge: string | undefined, options: PartOptions) {
    this.#spec = spec;
    this.#study = study;
    this.#judge = judge;
    this.#options = options;
    this.#waiting = [...study.experiments.map((plan) => this.#experiment(plan)), ...study.sweeps.map((sweep) => this.#sweep(sweep))];
    this.#total = this.#waiting.reduce((sum, { plans }) => sum + plans.length, 0);
  }

  /** Store the outcomes of all parts whose runs have results by now. @param atWork undefined where none of them asks a model. @throws InputError, CancelledError */
  async finish(results: ReadonlyMap<string, RunResult>, atWork: ModelAtWork | undefined): Promise<void> {
    for (const part of this.#waiting.filter(({ keys }) => [...keys].every((key) => results.has(key)))) {
      await part.store(this.#makerFor(results), results, atWork);
      this.#waiting = this.#waiting.filter((other) => other !== part);
    }
  }

  /** Whether a part that is not stored yet needs a model for its outcome; all of their runs have results. @throws InputError */
  async askModel(results: ReadonlyMap<string, RunResult>): Promise<boolean> {
    for (const plan of this.#waiting.flatMap(({ plans }) => plans)) {
      if (await this.#makerFor(results).asksModel(plan)) return true;
    }
    return false;
  }

  /** What has been stored, in the order of the spec. */
  outcomes(): { experiments: StoredExperiment[]; sweeps: StoredSweep[] } {
    const { experiments, sweeps } = this.#study;
    return { experiments: experiments.flatMap(({ name }) => this.#experiments.get(name) ?? []), sweeps: sweeps.flatMap(({ name }) => this.#sweeps.get(name) ?? []) };
  }

  async close(): Promise<void> {
    await this.#maker?.close();
  }

  #makerFor(results: ReadonlyMap<string, RunResult>): OutcomeMaker {
    return this.#maker ??= new OutcomeMaker(this.#spec, this.#study, this.#judge, results, this.#options);
  }

  #experiment(plan: ExperimentPlan): Part {
    const plans = [plan];
    return {
      plans, keys: keysOf(plans),
      store: async (maker, _, atWork) => {
        const outcome = { ...await maker.make(plan, atWork), ...this.#asked('experiments', plan.name) };
        await this.#tellMeasured();
        const stored = await this.#keep(plans, await storeExperiment(this.#spec.folder, outcome));
        this.#experiments.set(plan.name, stored);
        await this.#options.onExperiment?.(stored);
      },
    };
  }

  #sweep({ name, of, axes, cells }: SweepPlan): Part {
    const plans = cells.map(({ plan }) => plan);
    return {
      plans, keys: keysOf(plans),
      store: async (maker, results, atWork) => {
        const measured: SweepOutcome['cells'] = [];
        for (const { at, plan } of cells) {
          measured.push({ at: [...at], outcome: await maker.make(plan, atWork) });
          await this.#tellMeasured();
        }
        const stored = await this.#keep(plans, await storeSweep(this.#spec.folder, {
          format: 1, name, of, specFile: this.#spec.parsed.file, axes: axes.map(({ pointer, values }) => ({ pointer, values: [...values] })), cells: measured, cost: costOf(plans, results),
          ...this.#asked('sweeps', name),
        }));
        this.#sweeps.set(name, stored);
        await this.#options.onSweep?.(stored);
      },
    };
  }

  #asked(kind: 'experiments' | 'sweeps', name: string): { asked?: string } {
    const asked = askedHash(requireSpec(this.#spec.parsed), kind, name);
    return asked === undefined ? {} : { asked };
  }

  async #tellMeasured(): Promise<void> {
    this.#measured += 1;
    await this.#options.onMeasured?.(this.#measured, this.#total);
  }

  /** The runs of an outcome stay together as long as it does. */
  async #keep<T extends { readonly folder: string }>(plans: readonly ExperimentPlan[], stored: T): Promise<T> {
    await this.#spec.store.keepTogether(relative(this.#spec.folder, stored.folder), [...keysOf(plans)]);
    return stored;
  }
}

function keysOf(plans: readonly ExperimentPlan[]): Set<string> {
  return new Set(plans.flatMap(({ groups }) => groups).flatMap((group) => group.plans.map(({ key }) => key)));
}
