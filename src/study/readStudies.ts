import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Static, TSchema } from 'typebox';
import { checkShape } from '../base/checkShape.ts';
import { InputError } from '../base/errors.ts';
import { phrase, type Phrase } from '../base/phrase.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import { openJudgeFolder, type JudgeFolder } from '../judge/judgeFolder.ts';
import { canonicalJson } from '../spec/canonicalJson.ts';
import { requireSpec, type ParsedSpec } from '../spec/parseSpec.ts';
import { resolveFolders } from '../spec/resolveFolders.ts';
import { measureKey } from './measureKey.ts';
import type { ExperimentPlan, StudyPlan } from './experimentPlan.ts';
import { ExperimentOutcome, SweepOutcome } from './outcome.ts';
import { experimentFolder, sweepFolder } from './outcomeFolders.ts';
import { fitsAxes, fitsSeeds } from './outcomeFits.ts';
import { planExperiments } from './planExperiments.ts';

/** What is stored of an experiment, or of a sweep. */
export interface StoredPart<T> {
  /** As the spec calls it. */
  readonly name: string;
  /** Undefined where it has not run, or cannot be read. */
  readonly outcome: T | undefined;
  /** Why it cannot be read. */
  readonly fault: Phrase | undefined;
  /** The spec asks something else by now. */
  readonly stale: boolean;
}

/** What is stored of the experiments and sweeps of a spec, in its order. */
export interface StoredStudies {
  readonly experiments: readonly StoredPart<ExperimentOutcome>[];
  readonly sweeps: readonly StoredPart<SweepOutcome>[];
}

/** Read what lies beside a spec. An outcome that is missing, damaged or out of date is told as such and never throws. */
export async function readStudies(plan: SpecPlan): Promise<StoredStudies> {
  const { parsed, folder } = plan;
  const { experiments = {}, sweeps = {} } = requireSpec(parsed);
  const asked = await planOf(plan);
  const judge = await judgeOf(parsed);
  const parts = <T>(names: object, read: (name: string) => Promise<StoredPart<T>>): Promise<StoredPart<T>[]> => Promise.all(Object.keys(names).map(read));
  return {
    experiments: await parts(experiments, (name) => readPart(name, ExperimentOutcome, join(experimentFolder(folder, parsed.file, name), 'experiment.json'), fitsSeeds, (outcome) => {
      const now = asked.experiments.find((experiment) => experiment.name === name);
      return now !== undefined && answers(outcome, now, plan, judge);
    })),
    sweeps: await parts(sweeps, (name) => readPart(name, SweepOutcome, join(sweepFolder(folder, parsed.file, name), 'sweep.json'), fitsSweep, ({ of, axes, cells }) => {
      const now = asked.sweeps.find((sweep) => sweep.name === name);
      return now?.of === of && canonicalJson(now.axes) === canonicalJson(axes) && now.cells.length === cells.length
        && now.cells.every((cell, index) => cell.at.join() === cells[index].at.join() && answers(cells[index].outcome, cell.plan, plan, judge));
    })),
  };
}

/** What the spec asks; without the parts that mean nothing any more. */
async function planOf(plan: SpecPlan): Promise<Pick<StudyPlan, 'experiments' | 'sweeps'>> {
  const whole = await planned(plan);
  if (whole !== undefined) return whole;
  const { experiments = {}, sweeps = {} } = requireSpec(plan.parsed);
  const parts: StudyPlan[] = [];
  for (const name of new Set([...Object.keys(experiments), ...Object.keys(sweeps)])) {
    const part = await planned(plan, [name]);
    if (part !== undefined) parts.push(part);
  }
  return { experiments: parts.flatMap((part) => part.experiments), sweeps: parts.flatMap((part) => part.sweeps) };
}

async function planned(plan: SpecPlan, only?: readonly string[]): Promise<StudyPlan | undefined> {
  try {
    return await planExperiments(plan, only);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

async function readPart<S extends TSchema>(
  name: string, schema: S, file: string, fits: (outcome: Static<S>) => boolean, isCurrent: (outcome: Static<S>) => boolean,
): Promise<StoredPart<Static<S>>> {
  const nothing = { name, outcome: undefined, fault: undefined, stale: false };
  if (await stat(file).catch(() => undefined) === undefined) return nothing;
  const remedy = phrase`Run it again.`;
  try {
    const outcome = checkShape(schema, await readJsonFile(file), file, remedy);
    if (!fits(outcome)) throw new InputError(phrase`runs and values do not fit each other`, { file, remedy });
    return { name, outcome, fault: undefined, stale: !isCurrent(outcome) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ...nothing, fault: error.phrases.message };
  }
}

function fitsSweep(sweep: SweepOutcome): boolean {
  return fitsAxes(sweep) && sweep.cells.length > 0 && sweep.cells.every(({ outcome }) => fitsSeeds(outcome));
}

/** The judge as it is now; undefined where there is none, or where it cannot be read: then nothing that it measured is as it would be measured now. */
async function judgeOf(parsed: ParsedSpec): Promise<JudgeFolder | undefined> {
  try {
    const { judge } = await resolveFolders(parsed);
    return judge === undefined ? undefined : await openJudgeFolder(judge);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Whether an outcome is that of these very runs and measures, measured as they would be now. */
function answers(outcome: ExperimentOutcome, now: ExperimentPlan, { store, resolved: { sample } }: SpecPlan, judge: JudgeFolder | undefined): boolean {
  const { why, seeds, baseline, edited, controls, measures, expectations, inputs } = outcome;
  const { why: wanted, groups, measures: asked, expect } = now;
  const faults = new Map<string, string | undefined>();
  const stored = [baseline, edited, ...controls.filter(({ control }) => control !== 'identity').map(({ runs }) => runs)];
  return why === wanted && groups.length === stored.length
    && groups.every(({ plans }, group) => plans.length === seeds.length && plans.every(({ key }, index) => {
      const { folder, fault } = stored[group][index];
      if (folder === null) faults.set(key, fault);
      return folder === null || basename(folder) === basename(store.folderOf(key));
    }))
    && canonicalJson([...asked].sort()) === canonicalJson(Object.keys(measures).sort())
    && canonicalJson(Object.entries(expect).map(([measure, { min, max }]) => [measure, min ?? null, max ?? null]))
      === canonicalJson(expectations.map(({ measure, min, max }) => [measure, min ?? null, max ?? null]))
    && (inputs === undefined || inputs === measureKey(now, sample.prompt, judge, (key) => faults.get(key)));
}
