import { english, phrase } from '../base/phrase.ts';
import type { ModelAtWork, RunResult } from '../experiment/executeOptions.ts';
import type { FinishedRun } from '../experiment/experimentResult.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import { loadJudge, type Judge } from '../judge/judge.ts';
import { openJudgeFolder, type JudgeFolder } from '../judge/judgeFolder.ts';
import type { MachineOptions } from '../onnx/session.ts';
import { costOf } from './costOf.ts';
import { checkExpectations } from './expectations.ts';
import { allExperiments, type ExperimentPlan, type StudyPlan } from './experimentPlan.ts';
import { FindingsStore, type Findings } from './findings.ts';
import { asksModel, inspectExperiment, inspectionWork } from './inspectExperiment.ts';
import { judgeNeeds } from './judgeOf.ts';
import { measureExperiment, referencesOf, type RunLookup } from './measureExperiment.ts';
import { measureKey } from './measureKey.ts';
import type { ExperimentOutcome } from './outcome.ts';
import { RunMemory } from './runMemory.ts';
import { RunPictures } from './runPictures.ts';

/** What outcomes are made with. */
export interface OutcomeContext {
  readonly signal: AbortSignal;
  /** Threads of the judge's networks. */
  readonly machine?: MachineOptions;
  /** Told after each run of an experiment at which the U-Net was asked once more. */
  readonly onInspected?: (done: number, total: number) => void | Promise<void>;
}

/** Turns the runs of experiments into outcomes. What was measured before of the same runs in the same way is read; the judge is loaded with the first thing that is not. */
export class OutcomeMaker {
  readonly #spec: SpecPlan;
  readonly #study: StudyPlan;
  readonly #judgePath: string | undefined;
  readonly #results: ReadonlyMap<string, RunResult>;
  readonly #context: OutcomeContext;
  readonly #findings: FindingsStore;
  readonly #memory: RunMemory;
  readonly #pictures = new RunPictures();
  #folder: Promise<JudgeFolder | undefined> | undefined;
  #judge: Promise<Judge | undefined> | undefined;

  /** @param judge its folder; undefined where there is none. @param results of runs by key, as far as there are any */
  constructor(spec: SpecPlan, study: StudyPlan, judge: string | undefined, results: ReadonlyMap<string, RunResult>, context: OutcomeContext) {
    this.#spec = spec;
    this.#study = study;
    this.#judgePath = judge;
    this.#results = results;
    this.#context = context;
    this.#findings = new FindingsStore(spec.folder);
    this.#memory = new RunMemory(spec.folder);
  }

  /** Whether the outcome of an experiment cannot be told without a model. All of its runs have results. @throws InputError */
  async asksModel(plan: ExperimentPlan): Promise<boolean> {
    return await this.#findings.get(await this.#keyOf(plan)) === undefined && asksModel(await inspectionWork(plan, this.#find, this.#memory));
  }

  /**
   * The outcome of an experiment of which all runs have results.
   * @param atWork needed where `asksModel`. @throws InputError when a run is damaged or the judge cannot read its picture, or on a full disk; CancelledError
   */
  async make(plan: ExperimentPlan, atWork: ModelAtWork | undefined): Promise<ExperimentOutcome> {
    const { parsed, resolved, timesteps, trainTimesteps, runs } = this.#spec;
    const key = await this.#keyOf(plan);
    const known = await this.#findings.get(key);
    const { identityHolds, measures } = known ?? await this.#measure(plan, atWork);
    if (known === undefined) await this.#findings.set(key, { identityHolds, measures });
    const references = referencesOf(plan, this.#lookup);
    return {
      format: 1, name: plan.name, why: plan.why, specFile: parsed.file, prompt: resolved.sample.prompt,
      totalSteps: timesteps.length, t: Array.from(timesteps, (timestep) => timestep / trainTimesteps), seeds: runs.map((run) => run.plan.definition.sample.seed),
      edits: [...plan.edits], ...references, without: plan.without.map(({ control, reason }) => ({ control, reason: english(reason), reasonPhrase: reason })), identityHolds, measures,
      expectations: checkExpectations(plan.expect, measures, references.edited.filter(({ folder }) => folder === null).length),
      cost: costOf([plan], this.#results), inputs: key,
    };
  }

  /** Let go of the judge. */
  async close(): Promise<void> {
    await (await this.#judge?.catch(() => undefined))?.close();
  }

  async #measure(plan: ExperimentPlan, atWork: ModelAtWork | undefined): Promise<Findings> {
    const { signal, onInspected } = this.#context;
    const work = await inspectionWork(plan, this.#find, this.#memory);
    if (asksModel(work) && atWork === undefined) throw new RangeError('this experiment asks for a model');
    const { identity, health } = atWork === undefined ? work.known : await inspectExperiment(work, atWork, this.#memory, { signal, ...(onInspected !== undefined && { onRun: onInspected }) });
    const { nouns, similarity, perceptual } = judgeNeeds([plan]);
    const judge = nouns || similarity || perceptual ? await (this.#judge ??= this.#loadJudge()) : undefined;
    const measures = await measureExperiment(plan, this.#lookup, { judge, prompt: this.#spec.resolved.sample.prompt, pictures: this.#pictures, health, signal });
    return { identityHolds: identity, measures };
  }

  async #keyOf(plan: ExperimentPlan): Promise<string> {
    return measureKey(plan, this.#spec.resolved.sample.prompt, await (this.#folder ??= this.#openFolder()), (key) => {
      const found = this.#lookup(key);
      return 'fault' in found ? english(found.fault) : undefined;
    });
  }

  async #openFolder(): Promise<JudgeFolder | undefined> {
    return this.#judgePath === undefined ? undefined : await openJudgeFolder(this.#judgePath);
  }

  async #loadJudge(): Promise<Judge | undefined> {
    const folder = await (this.#folder ??= this.#openFolder());
    return folder && await loadJudge(folder, judgeNeeds(allExperiments(this.#study)), this.#context.machine);
  }

  readonly #find = (key: string): FinishedRun | undefined => {
    const result = this.#results.get(key);
    return result?.kind === 'finished' ? result.run : undefined;
  };

  readonly #lookup: RunLookup = (key) => {
    const result = this.#results.get(key);
    if (result?.kind === 'finished') return { run: result.run };
    if (result === undefined) return { fault: phrase`was not computed` };
    const { phrases: { message }, place } = result.fault;
    return { fault: place === undefined ? message : phrase`${message}: ${place}` };
  };
}
