import { relative } from 'node:path';
import type { ExecuteOptions, RunResult } from '../experiment/executeOptions.ts';
import { executeRuns } from '../experiment/executeRuns.ts';
import type { FinishedRun } from '../experiment/experimentResult.ts';
import { planSpec, type SpecPlan } from '../experiment/planSpec.ts';
import { prefixTree, type AskedRun } from '../experiment/prefixTree.ts';
import { loadJudge } from '../judge/judge.ts';
import { openJudgeFolder } from '../judge/judgeFolder.ts';
import type { MachineOptions } from '../onnx/session.ts';
import type { WriteFile } from '../experiment/fileBatch.ts';
import type { ParsedSpec } from '../spec/parseSpec.ts';
import { resolveFolders } from '../spec/resolveFolders.ts';
import { askedRuns, type ExperimentPlan, type StudyPlan, type SweepPlan } from './experimentPlan.ts';
import { inspectRuns, type InspectOptions, type Inspection } from './inspectRuns.ts';
import { checkJudge, judgeNeeds } from './judgeOf.ts';
import { measureExperiment, type MeasureContext, type RunLookup } from './measureExperiment.ts';
import type { ExperimentOutcome, SweepOutcome } from './outcome.ts';
import { planExperiments } from './planExperiments.ts';
import { RunPictures } from './runPictures.ts';
import { storeExperiment, storeSweep, type StoredExperiment, type StoredSweep } from './storeOutcomes.ts';

/** How experiments and sweeps are run. */
export interface StudyOptions extends Omit<ExecuteOptions, 'masks'> {
  /** Names of experiments and sweeps; all where left out. */
  readonly only?: readonly string[];
  /** Puts files of runs on the disk; left out: the real one. */
  readonly write?: WriteFile;
  /** Threads of the judge's networks. */
  readonly machine?: MachineOptions;
  /** Told while runs are looked at once more, after all have been computed. */
  readonly onInspected?: InspectOptions['onRun'];
  /** Told while variants are measured. */
  readonly onMeasured?: (done: number, total: number) => void;
}

/** What experiments and sweeps of a spec came to. */
export interface StudyRun {
  readonly spec: SpecPlan;
  /** The unedited runs, one per seed, in the order of the spec. */
  readonly runs: readonly FinishedRun[];
  /** Every finished run, each once. */
  readonly all: readonly FinishedRun[];
  readonly experiments: readonly StoredExperiment[];
  readonly sweeps: readonly StoredSweep[];
}

/** As `runPlanned`, from the spec on. */
export async function runExperiments(parsed: ParsedSpec, options: StudyOptions): Promise<StudyRun> {
  const spec = await planSpec(parsed, options.models, options.write);
  return await runPlanned(spec, await planExperiments(spec, options.only), options);
}

/**
 * Carry out experiments and sweeps: find or compute every run, what they have in common once; look at them, measure them, and store each outcome. Whether the judge can
 * measure what is asked for is seen before anything is computed.
 * @throws InputError, CancelledError; runs finished before stay
 */
export async function runPlanned(spec: SpecPlan, study: StudyPlan, options: StudyOptions): Promise<StudyRun> {
  const asked = [...spec.runs.map(({ plan }) => ({ plan, role: 'baseline' })), ...askedRuns(study)];
  const hold = await spec.store.hold(asked.map(({ plan }) => plan.key)); // until all have been measured, no other window makes room of them
  try {
    return await carryOut(spec, study, asked, options);
  } finally {
    await hold.release();
  }
}

async function carryOut(spec: SpecPlan, study: StudyPlan, asked: readonly AskedRun[], options: StudyOptions): Promise<StudyRun> {
  const { judge: judgePath } = await resolveFolders(spec.parsed);
  await checkJudge(spec, study, judgePath);
  const results = await executeRuns(asked, spec, { ...options, masks: study.masks });
  const finished = (key: string): FinishedRun | undefined => {
    const result = results.get(key);
    return result?.kind === 'finished' ? result.run : undefined;
  };
  const inspection = await inspectRuns(study, spec, finished, { models: options.models, signal: options.signal, ...(options.onInspected !== undefined && { onRun: options.onInspected }) });
  const needs = judgeNeeds(study);
  const judge = judgePath === undefined || !(needs.nouns || needs.similarity || needs.perceptual) ? undefined : await loadJudge(await openJudgeFolder(judgePath), needs, options.machine);
  try {
    const total = study.experiments.length + study.sweeps.reduce((sum, { cells }) => sum + cells.length, 0);
    let done = 0;
    const context: MeasureContext = { judge, prompt: spec.resolved.sample.prompt, pictures: new RunPictures(), health: inspection.health, signal: options.signal };
    const outcomeOf = async (plan: ExperimentPlan): Promise<ExperimentOutcome> => {
      const outcome = await describe(plan, spec, results, inspection, context);
      options.onMeasured?.(done += 1, total);
      return outcome;
    };
    const experiments: StoredExperiment[] = [];
    for (const plan of study.experiments) experiments.push(await keep(spec, [plan], async () => await storeExperiment(spec.folder, await outcomeOf(plan))));
    const sweeps: StoredSweep[] = [];
    for (const sweep of study.sweeps) {
      sweeps.push(await keep(spec, sweep.cells.map(({ plan }) => plan), async () => await storeSweep(spec.folder, await sweepOutcome(sweep, spec, results, outcomeOf))));
    }
    const all = [...results.keys()].flatMap((key) => finished(key) ?? []);
    return { spec, runs: spec.runs.flatMap(({ plan }) => finished(plan.key) ?? []), all, experiments, sweeps };
  } finally {
    await judge?.close();
  }
}

/** The runs of an outcome stay together as long as it does. */
async function keep<T extends { readonly folder: string }>({ store, folder }: SpecPlan, plans: readonly ExperimentPlan[], write: () => Promise<T>): Promise<T> {
  const stored = await write();
  await store.keepTogether(relative(folder, stored.folder), plans.flatMap(({ groups }) => groups).flatMap((group) => group.plans.map(({ key }) => key)));
  return stored;
}

async function sweepOutcome(
  { name, of, axes, cells }: SweepPlan, { parsed }: SpecPlan, results: ReadonlyMap<string, RunResult>, outcomeOf: (plan: ExperimentPlan) => Promise<ExperimentOutcome>,
): Promise<SweepOutcome> {
  const measured: SweepOutcome['cells'] = [];
  for (const { at, plan } of cells) measured.push({ at: [...at], outcome: await outcomeOf(plan) });
  return {
    format: 1, name, of, specFile: parsed.file, axes: axes.map(({ pointer, values }) => ({ pointer, values: [...values] })), cells: measured,
    cost: costOf(cells.map(({ plan }) => plan), results),
  };
}

async function describe(plan: ExperimentPlan, { parsed, resolved, timesteps, runs }: SpecPlan, results: ReadonlyMap<string, RunResult>, { identity }: Inspection, context: MeasureContext): Promise<ExperimentOutcome> {
  const lookup: RunLookup = (key) => {
    const result = results.get(key);
    if (result?.kind === 'finished') return { run: result.run };
    return { fault: result === undefined ? 'was not computed' : [result.fault.message, ...(result.fault.place === undefined ? [] : [result.fault.place])].join(': ') };
  };
  const measured = await measureExperiment(plan, lookup, context);
  return {
    format: 1, name: plan.name, why: plan.why, specFile: parsed.file, prompt: resolved.sample.prompt,
    totalSteps: timesteps.length, t: Array.from(timesteps, (timestep) => timestep / 1000), seeds: runs.map((run) => run.plan.definition.sample.seed),
    edits: [...plan.edits], without: [...plan.without],
    identityHolds: identity.get(plan.groups[1].plans[0].key) ?? null,
    ...measured, cost: costOf([plan], results),
  };
}

/** What the runs take when nothing is stored, each made once and what they share made once. */
function costOf(plans: readonly ExperimentPlan[], results: ReadonlyMap<string, RunResult>): ExperimentOutcome['cost'] {
  const asked = askedRuns({ experiments: plans, sweeps: [], masks: new Map() });
  const { unetCalls, naiveUnetCalls } = prefixTree(asked);
  const keys = new Set(asked.map(({ plan }) => plan.key));
  const milliseconds = [...keys].reduce((sum, key) => {
    const result = results.get(key);
    return sum + (result?.kind === 'finished' ? result.run.manifest.timings.totalMs : 0);
  }, 0);
  return { unetCalls, naiveUnetCalls, seconds: Math.round(milliseconds) / 1000 };
}
