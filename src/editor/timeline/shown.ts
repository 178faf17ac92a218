import { InputError } from '../../base/errors.ts';
import type { Branch } from '../../concepts/siteTrace.ts';
import type { Job } from '../../engine/job.ts';
import type { JobPlan, StepMessage } from '../../engine/protocol.ts';
import { timeOf, type RunManifest } from '../../experiment/runManifest.ts';
import type { SeedRun } from '../../experiment/runsOfSpec.ts';
import type { StoredRun } from '../../experiment/runStore.ts';
import { sampleDefaults } from '../../spec/schema.ts';
import type { Spec } from '../../spec/schema.ts';
import type { Translate } from '../translate.ts';

/** One run of a panel. */
export interface ShownRun {
  readonly seed: number;
  /** What tells it from its neighbours. */
  readonly title: string;
  /** Where it lies, or will lie. */
  readonly folder: string;
  readonly complete: boolean;
  /** Of a run in the making: the steps there are. */
  readonly received: readonly StepMessage[];
}

/** What a panel is about; codes and pictures are read when they are sent. */
export interface Shown {
  readonly title: string;
  readonly modelName: string;
  readonly sampler: string;
  readonly totalSteps: number;
  /** [columns]: recorded steps, ascending. */
  readonly steps: readonly number[];
  /** [columns]: diffusion time. */
  readonly t: readonly number[];
  /** Branches to show. */
  readonly branches: readonly Branch[];
  /** By site: the folder of its SAE, and its hash where it is known. */
  readonly saes: Readonly<Record<string, { readonly folder: string; readonly hash: string | undefined }>>;
  readonly runs: readonly ShownRun[];
  /** How many runs there are, shown or not. */
  readonly runsInAll: number;
}

/** More runs side by side than this are a table, not a picture. */
export const mostRuns = 32;

/** Two schedules are the same when their timesteps agree to this. */
const sameTimestep = 1e-3;

/** What a job shows. Ask again after every change of the job. @param plan of the job. @param spec that its text holds */
export function shownOfJob({ received }: Pick<Job, 'received'>, plan: JobPlan, spec: Spec | undefined, t: Translate): Shown {
  const { steps, guidanceScale } = { ...sampleDefaults, ...spec?.sample };
  const branch = spec?.trace?.branch ?? 'cond';
  return {
    title: plan.prompt, modelName: plan.modelName, sampler: samplerText(plan.scheduler, steps, guidanceScale), totalSteps: plan.totalSteps,
    steps: plan.steps, t: plan.t, branches: branchesOf(branch),
    saes: Object.fromEntries(Object.entries(plan.saes).map(([site, folder]) => [site, { folder, hash: undefined }])),
    runs: plan.runs.slice(0, mostRuns).map(({ seed, folder, cached }) => ({
      seed, folder, complete: cached, title: t('seed {0}', seed), received: cached ? [] : received.filter((step) => step.seed === seed),
    })),
    runsInAll: plan.runs.length,
  };
}

/**
 * Finished runs side by side: what they have in common, sites whose SAE is the same in all of them.
 * @param runs at least one. @param modelName the folder's name where nobody knows a better one. @param saes by site: where the SAEs lie, if not where they were.
 * @param runsInAll how many there are, where some were left out before
 * @throws InputError when they do not share their steps
 */
export function shownOfRuns(runs: readonly StoredRun[], t: Translate, { modelName, saes = {}, runsInAll = runs.length }: { modelName?: string | undefined; saes?: SeedRun['saes']; runsInAll?: number } = {}): Shown {
  const some = runs.slice(0, mostRuns);
  const [{ manifest: first }] = some;
  const { sample } = first.definition;
  const other = some.find(({ manifest }) => !sameSchedule(manifest, first));
  const steps = first.definition.trace.steps.filter((step) => some.every(({ manifest }) => manifest.definition.trace.steps.includes(step)));
  if (other !== undefined || steps.length === 0) {
    throw new InputError(t('these runs do not share their steps, so they have no common time axis'), {
      file: (other ?? some[some.length - 1]).folder, remedy: t('Compare runs of the same scheduler and number of steps.'),
    });
  }
  const places: Readonly<Record<string, string | undefined>> = { ...first.sources.saes, ...saes };
  const prompts = new Set(some.map(({ manifest }) => manifest.definition.sample.prompt));
  const branches = some.map(({ manifest }) => branchesOf(manifest.definition.trace.branch));
  return {
    title: prompts.size === 1 ? sample.prompt : t('{0} runs', some.length),
    modelName: modelName ?? first.sources.model.split(/[/\\]/).at(-1) ?? '',
    sampler: samplerText(sample.scheduler, sample.steps, some.every(({ manifest }) => manifest.definition.sample.guidanceScale === sample.guidanceScale) ? sample.guidanceScale : undefined),
    totalSteps: first.timesteps.length, steps, t: timeOf(first, steps.map((step) => first.timesteps[step])),
    branches: branches[0].filter((branch) => branches.every((all) => all.includes(branch))),
    saes: Object.fromEntries(Object.entries(first.definition.saes).flatMap(([site, hash]) => {
      const same = some.every(({ manifest }) => manifest.definition.saes[site] === hash);
      return same ? [[site, { folder: places[site] ?? '', hash }]] : [];
    })),
    runs: titled(some, prompts.size > 1, t).map(([{ folder, manifest }, title]) => ({
      seed: manifest.definition.sample.seed, title, folder, complete: true, received: [],
    })),
    runsInAll,
  };
}

/** Each run with a title of its own. */
function titled(runs: readonly StoredRun[], withPrompt: boolean, t: Translate): [StoredRun, string][] {
  const titles = runs.map(({ manifest: { definition: { sample } } }) => `${withPrompt ? `${sample.prompt} · ` : ''}${t('seed {0}', sample.seed)}`);
  return runs.map((run, index) => {
    const alone = titles.indexOf(titles[index]) === titles.lastIndexOf(titles[index]);
    return [run, alone ? titles[index] : `${titles[index]} · ${run.manifest.key.slice(0, 6)}`];
  });
}

function sameSchedule(a: RunManifest, b: RunManifest): boolean {
  return a.timesteps.length === b.timesteps.length && a.timesteps.every((timestep, step) => Math.abs(timestep - b.timesteps[step]) <= sameTimestep);
}

function branchesOf(branch: 'cond' | 'uncond' | 'both'): readonly Branch[] {
  return branch === 'both' ? ['cond', 'uncond'] : [branch];
}

/** Names of settings, as specs write them. */
function samplerText(scheduler: string, steps: number, guidanceScale: number | undefined): string {
  return `${scheduler} ${steps}${guidanceScale === undefined ? '' : ` · cfg ${guidanceScale}`}`;
}
