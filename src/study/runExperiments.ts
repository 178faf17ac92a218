import type { ExecuteOptions } from '../experiment/executeOptions.ts';
import { executeRuns } from '../experiment/executeRuns.ts';
import type { FinishedRun } from '../experiment/experimentResult.ts';
import type { WriteFile } from '../experiment/fileBatch.ts';
import type { ModelRequest } from '../experiment/modelRequest.ts';
import { planSpec, type SpecPlan } from '../experiment/planSpec.ts';
import type { AskedRun } from '../experiment/prefixTree.ts';
import type { ParsedSpec } from '../spec/parseSpec.ts';
import { resolveFolders } from '../spec/resolveFolders.ts';
import { allExperiments, askedRuns, type StudyPlan } from './experimentPlan.ts';
import { checkJudge } from './judgeOf.ts';
import { planExperiments } from './planExperiments.ts';
import type { StoredExperiment, StoredSweep } from './storeOutcomes.ts';
import { StudyParts, type PartOptions } from './studyParts.ts';

/** How experiments and sweeps are run. */
export interface StudyOptions extends Omit<ExecuteOptions, 'masks' | 'onSettled'>, PartOptions {
  /** Names of experiments and sweeps; all where left out. */
  readonly only?: readonly string[];
  /** Puts files of runs on the disk; left out: the real one. */
  readonly write?: WriteFile;
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
 * Carry out experiments and sweeps: find or compute every run, what they have in common once; look at them, measure them, and store each outcome as soon as its own runs are
 * there. Whether the judge can measure what is asked for is seen before anything is computed.
 * @throws InputError, CancelledError; runs and outcomes finished before stay
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
  const { judge } = await resolveFolders(spec.parsed);
  await checkJudge(spec, study, judge);
  const parts = new StudyParts(spec, study, judge, options);
  try {
    const results = await executeRuns(asked, spec, { ...options, masks: study.masks, onSettled: (settled, atWork) => parts.finish(settled, atWork) });
    // What is left had all its runs stored: a model is loaded only where one has to be asked about them.
    if (await parts.askModel(results)) {
      await options.models.use(modelRequest(study, spec), async (model) => {
        const inputs = await model.editInputs({ masks: study.masks, guided: model.pipeline.guided(spec.resolved.sample.guidanceScale) });
        await parts.finish(results, { model, inputs });
      });
    }
    await parts.finish(results, undefined);
    const finished = (key: string): FinishedRun[] => {
      const result = results.get(key);
      return result?.kind === 'finished' ? [result.run] : [];
    };
    return { spec, runs: spec.runs.flatMap(({ plan }) => finished(plan.key)), all: [...results.keys()].flatMap(finished), ...parts.outcomes() };
  } finally {
    await parts.close();
  }
}

/** The model as the runs were computed with, so that one in memory serves again. */
function modelRequest(study: StudyPlan, { pipeline, saes, resolved: { trace }, folder, provider }: SpecPlan): ModelRequest {
  const edited = new Set(allExperiments(study).flatMap(({ edits }) => edits).map(({ site }) => site));
  const all = [...saes.values()].map(({ sae }) => sae);
  return {
    pipeline, saes: all.filter(({ site }) => trace.sites.includes(site)), editable: all.filter(({ site }) => edited.has(site)),
    branch: trace.branch, cacheFolder: `${folder}/cache`, provider,
  };
}
