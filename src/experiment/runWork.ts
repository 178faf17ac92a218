import { setTimeout } from 'node:timers/promises';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { Conditioning } from '../diffusion/conditioning.ts';
import type { EditInputs } from './editInputs.ts';
import { goOn } from './executeRun.ts';
import type { RunFault, RunStep } from './executeRun.ts';
import type { ExecuteOptions, RunResult } from './executeOptions.ts';
import { paceOf } from './paceOf.ts';
import { commonSteps } from './prefixTree.ts';
import type { DistinctRun } from './prefixTree.ts';
import { RunInProgress } from './runInProgress.ts';
import type { ProcessLock } from '../base/processLock.ts';
import { storedPrefix } from './runPrefix.ts';
import type { RunPrefix } from './runPrefix.ts';
import type { PendingRun, RunStore } from './runStore.ts';
import type { Tell } from './tell.ts';
import type { TracingModel } from './tracingModel.ts';
import { mostVariants, variantsAtOnce } from './variantsAtOnce.ts';

/** How often a process looks whether another one has finished a run, in milliseconds. */
const pollMs = 250;

/** To measure what a batch gains takes 25 U-Net calls: with fewer than this many to come it could not pay. */
const worthMeasuring = 600;

/** What the work is done with. */
interface WorkContext extends Omit<ExecuteOptions, 'models' | 'masks'> {
  readonly model: TracingModel;
  readonly store: RunStore;
  readonly inputs: EditInputs;
  readonly cacheFolder: string;
  readonly tell?: Tell;
}

/** A run that this process has claimed. */
interface Claim {
  readonly run: DistinctRun;
  readonly lock: ProcessLock;
}

/** The steps of a run that need not be made, and whose they are. */
interface Start {
  readonly steps: number;
  /** In memory; undefined where it has to be read, or where there is nothing to share. */
  readonly prefix: RunPrefix | undefined;
  readonly stored: DistinctRun | undefined;
}

/** Brings the missing ones of some runs into being, in their order, together with whoever else works at them. */
export class RunWork {
  /** By sample: only runs of one sample share anything. */
  readonly #samples: readonly (readonly DistinctRun[])[];
  readonly #sampleOf = new Map<DistinctRun, readonly DistinctRun[]>();
  /** U-Net calls that each missing run takes, made in this order. */
  readonly #calls = new Map<DistinctRun, number>();
  readonly #results: Map<string, RunResult>;
  readonly #context: WorkContext;
  /** Beginnings in memory, each of which shares more with the run made last than the one before. */
  #prefixes: RunPrefix[] = [];
  /** Stored runs whose files cannot be read: nothing begins with them. */
  readonly #unreadable = new Set<string>();
  readonly #secondsLeft = paceOf();
  /** The texts of the sample made last. */
  #told: { readonly sample: string; readonly conditioning: Conditioning } | undefined;
  #done = 0;

  /** @param samples runs of each, in the order in which they are made. @param results of those that are stored; the others are added */
  constructor(samples: readonly (readonly DistinctRun[])[], results: Map<string, RunResult>, context: WorkContext) {
    this.#samples = samples;
    this.#results = results;
    this.#context = context;
    for (const runs of samples) {
      const made = runs.filter(({ plan }) => results.has(plan.key));
      for (const run of runs) {
        this.#sampleOf.set(run, runs);
        if (results.has(run.plan.key)) continue;
        this.#calls.set(run, run.plan.calls - made.reduce((most, { plan }) => Math.max(most, commonSteps(plan, run.plan)), 0));
        made.push(run);
      }
    }
  }

  /** Work until every run has a result. @throws InputError, CancelledError */
  async complete(): Promise<void> {
    const { signal, onLoaded, onSettled, model, inputs } = this.#context;
    onLoaded?.(this.#callsLeft());
    await onSettled?.(this.#results, { model, inputs });
    for (;;) {
      const waiting = this.#samples.flatMap((runs) => this.#unsettled(runs)).sort((a, b) => a.turn - b.turn);
      if (waiting.length === 0) return;
      for (const run of waiting) {
        throwIfCancelled(signal);
        if (this.#results.has(run.plan.key)) continue;
        const before = this.#results.size;
        await this.#settle(run);
        if (this.#results.size > before) await onSettled?.(this.#results, { model, inputs });
      }
      // Another process has what is left: wait for it, or for its end.
      const settled = waiting.some(({ plan }) => this.#results.has(plan.key));
      if (!settled) await setTimeout(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #unsettled(runs: readonly DistinctRun[]): DistinctRun[] {
    return runs.filter(({ plan }) => !this.#results.has(plan.key));
  }

  /** The runs of a run's sample. */
  #beside(run: DistinctRun): readonly DistinctRun[] {
    return this.#sampleOf.get(run) ?? [];
  }

  /** Compute a run, with its siblings where that is faster, unless another process does, or computes what it begins with. */
  async #settle(run: DistinctRun): Promise<void> {
    const start = this.#startOf(run);
    const runs = this.#beside(run);
    const fault = this.#faultBefore(run);
    if (fault !== undefined) return this.#fail(run, fault);
    if (this.#unsettled(runs.slice(0, runs.indexOf(run))).some((other) => commonSteps(other.plan, run.plan) > start.steps)) return;
    const first = await this.#claim(run);
    if (first === undefined) return;
    const claims = [first];
    try {
      const siblings = this.#siblingsOf(run, start);
      const most = siblings.length === 0 ? 1 : await this.#variantsAtOnce([run, ...siblings], start.steps);
      for (const sibling of siblings.slice(0, most - 1)) {
        const claim = await this.#claim(sibling);
        if (claim !== undefined) claims.push(claim);
      }
      await this.#compute(claims, start);
    } finally {
      await Promise.all(claims.map(({ lock }) => lock.release()));
    }
  }

  async #fail(run: DistinctRun, fault: RunFault): Promise<void> {
    this.#results.set(run.plan.key, { kind: 'failed', fault });
    await this.#context.onRunFailed?.(run.plan, fault, run.roles[0]);
  }

  /** What ended another run at a step that this one would go through, too. */
  #faultBefore(run: DistinctRun): RunFault | undefined {
    for (const other of this.#beside(run)) {
      const result = this.#results.get(other.plan.key);
      if (result?.kind === 'failed' && commonSteps(other.plan, run.plan) > result.fault.step) return result.fault;
    }
    return undefined;
  }

  /** @returns undefined where another process computes it, or has done so: then it has its result */
  async #claim(run: DistinctRun): Promise<Claim | undefined> {
    const { store } = this.#context;
    const { key } = run.plan;
    const lock = await store.lock(key);
    // Who finishes a run lets it go only afterwards: looked up in this order, no run is computed twice.
    const stored = await store.find(key);
    if (stored !== undefined) {
      await lock?.release();
      const finished = { ...stored, cached: true };
      this.#results.set(key, { kind: 'finished', run: finished });
      await this.#context.onRunFinished?.(finished, run.roles[0]);
      return undefined;
    }
    return lock && { run, lock };
  }

  async #compute(claims: readonly Claim[], start: Start): Promise<void> {
    const { model, store, inputs, signal, tell, onRunFinished } = this.#context;
    const prefix = await this.#load(start);
    if (prefix === undefined && start.steps > 0) return this.#compute(claims, this.#startOf(claims[0].run));
    const pending = new Map<RunInProgress, { readonly run: DistinctRun; readonly files: PendingRun }>();
    const begun: PendingRun[] = [];
    try {
      for (const { run } of claims) {
        const files = await store.begin(run.plan.key);
        begun.push(files);
        const conditioning = this.#conditioningOf(run);
        const made = await RunInProgress.begin(run.plan, model, files, {
          ...(conditioning !== undefined && { conditioning }), ...(prefix !== undefined && { shared: { prefix, steps: start.steps } }),
        });
        this.#told = { sample: textsOf(run), conditioning: made.generation.conditioning };
        pending.set(made, { run, files });
      }
      if (this.#done === 0) await tell?.(phrase`first step: reads the weights`, 'loading');
      const partOf = (made: RunInProgress): { run: DistinctRun; files: PendingRun } => {
        const part = pending.get(made);
        if (part === undefined) throw new RangeError('a run that nobody began');
        return part;
      };
      const ended = await goOn([...pending.keys()], model, inputs, signal, (made, step) => this.#tell(partOf(made).run, step, start.steps, claims), async (made, fault) => {
        const { run, files } = partOf(made);
        if (made.edits.length === 0) throw fault;
        await files.abandon();
        this.#remember(made.prefix());
        await this.#fail(run, fault);
      });
      for (const made of ended) {
        const { run } = partOf(made);
        const finished = { ...await made.finish(signal), cached: false };
        this.#remember(made.prefix());
        this.#results.set(run.plan.key, { kind: 'finished', run: finished });
        await onRunFinished?.(finished, run.roles[0]);
      }
    } catch (error) {
      // Of those that were committed there is nothing left to abandon.
      await Promise.all(begun.map((files) => files.abandon()));
      throw error;
    }
  }

  /** What a run can begin with: the longest of what is in memory and what is stored. */
  #startOf(run: DistinctRun): Start {
    const { plan } = run;
    let best: Start = { steps: 0, prefix: undefined, stored: undefined };
    for (const prefix of this.#prefixes) {
      const steps = Math.min(prefix.steps, commonSteps(prefix.plan, plan));
      if (steps > best.steps) best = { steps, prefix, stored: undefined };
    }
    for (const other of this.#beside(run)) {
      if (this.#results.get(other.plan.key)?.kind !== 'finished' || this.#unreadable.has(other.plan.key)) continue;
      const steps = commonSteps(other.plan, plan);
      if (steps > best.steps) best = { steps, prefix: undefined, stored: other };
    }
    return best;
  }

  /** @returns undefined where there is nothing to begin with, or it cannot be read; the latter is remembered */
  async #load({ prefix, stored }: Start): Promise<RunPrefix | undefined> {
    if (prefix !== undefined) {
      // What lies above it was for runs before this one.
      this.#prefixes = this.#prefixes.slice(0, this.#prefixes.indexOf(prefix) + 1);
      return prefix;
    }
    const result = stored && this.#results.get(stored.plan.key);
    if (stored === undefined || result?.kind !== 'finished') {
      this.#prefixes = [];
      return undefined;
    }
    try {
      const read = await storedPrefix(stored.plan, result.run, this.#context.model.pipeline);
      this.#prefixes = [...this.#prefixes.filter(({ plan }) => commonSteps(plan, stored.plan) > 0), read];
      return read;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#unreadable.add(stored.plan.key);
      return undefined;
    }
  }

  #remember(prefix: RunPrefix): void {
    this.#prefixes.push(prefix);
  }

  /** Runs beside one that begin where it begins and share nothing more with it, or with each other: they can go on in one batch. */
  #siblingsOf(run: DistinctRun, { steps }: Start): DistinctRun[] {
    const { sample } = run.plan.definition;
    if (!this.#context.model.pipeline.guided(sample.guidanceScale) || steps === run.plan.calls || run.plan.definition.edits === undefined) return [];
    const siblings = [run];
    const runs = this.#beside(run);
    for (const other of this.#unsettled(runs.slice(runs.indexOf(run) + 1))) {
      if (siblings.length === mostVariants || this.#startOf(other).steps !== steps || siblings.some((sibling) => commonSteps(sibling.plan, other.plan) !== steps)) break;
      siblings.push(other);
    }
    return siblings.slice(1);
  }

  async #variantsAtOnce(runs: readonly DistinctRun[], step: number): Promise<number> {
    const { model, inputs, cacheFolder, atOnce } = this.#context;
    if (atOnce !== undefined) return atOnce;
    if (this.#callsLeft() < worthMeasuring) return 1;
    return variantsAtOnce(model, { sample: runs[0].plan.definition.sample, variants: runs.map(({ plan }) => plan.definition.edits ?? []), step, inputs, cacheFolder });
  }

  async #tell(run: DistinctRun, step: RunStep, shared: number, claims: readonly Claim[]): Promise<void> {
    this.#done += 1;
    const { onStep } = this.#context;
    if (onStep === undefined) return;
    const { calls } = run.plan;
    const here = claims.map((claim) => claim.run);
    // Of a batch, those after this one have a step more to go.
    const left = here.reduce((sum, each) => sum + (this.#results.has(each.plan.key) ? 0 : calls - step.step - (here.indexOf(each) <= here.indexOf(run) ? 1 : 0)), 0);
    const total = this.#done + left + this.#callsLeft(here);
    await onStep({ ...step, plan: run.plan, role: run.roles[0], shared, done: this.#done, total, secondsLeft: this.#secondsLeft(this.#done, total, step.at) });
  }

  /** U-Net calls of the runs that have no result yet. @param but not of these */
  #callsLeft(but: readonly DistinctRun[] = []): number {
    let calls = 0;
    for (const [run, own] of this.#calls) if (!this.#results.has(run.plan.key) && !but.includes(run)) calls += own;
    return calls;
  }

  #conditioningOf(run: DistinctRun): Conditioning | undefined {
    return this.#told?.sample === textsOf(run) ? this.#told.conditioning : undefined;
  }
}

/** Equal for runs that tell the U-Net the same. */
function textsOf({ plan: { definition: { sample } } }: DistinctRun): string {
  return JSON.stringify([sample.prompt, sample.negativePrompt, sample.guidanceScale]);
}
