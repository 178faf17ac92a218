import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { ModelRequest, ModelLibrary } from '../experiment/modelLibrary.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import type { StoredRun } from '../experiment/runStore.ts';
import { allExperiments, type ExperimentPlan, type StudyPlan } from './experimentPlan.ts';
import { identityHolds } from './identityCheck.ts';
import { HealthMeter, type RunHealth } from './runHealth.ts';
import { RunMemory } from './runMemory.ts';

/** What the U-Net, asked once more, tells about the runs of a study. */
export interface Inspection {
  /** Whether the splice of an experiment's edits, with nothing to do, leaves the prediction as it is; by key of its first edited run. */
  readonly identity: ReadonlyMap<string, boolean>;
  /** By key of the edited run. */
  readonly health: ReadonlyMap<string, RunHealth>;
}

/** How runs are inspected. */
export interface InspectOptions {
  readonly models: ModelLibrary;
  readonly signal: AbortSignal;
  /** Told after each run. */
  readonly onRun?: (done: number, total: number) => void;
}

/** Runs of one experiment to look at, and what at them. */
interface Work {
  readonly plan: ExperimentPlan;
  readonly baselines: readonly StoredRun[];
  readonly identity: boolean;
  readonly runs: readonly StoredRun[];
}

/**
 * Ask the U-Net once more, where an experiment wants its identity checked or measures `ood`; what was found is remembered. A model is loaded only for what is not.
 * @param find a finished run. @throws InputError, CancelledError
 */
export async function inspectRuns(study: StudyPlan, spec: SpecPlan, find: (key: string) => StoredRun | undefined, { models, signal, onRun }: InspectOptions): Promise<Inspection> {
  const memory = new RunMemory(spec.folder);
  const identity = new Map<string, boolean>();
  const health = new Map<string, RunHealth>();
  const work: Work[] = [];
  for (const plan of allExperiments(study)) {
    const [baseline, edited, ...controls] = plan.groups;
    const runsOf = ({ plans }: ExperimentPlan['groups'][number]): StoredRun[] => plans.flatMap(({ key }) => find(key) ?? []);
    const baselines = runsOf(baseline);
    if (baselines.length === 0 || plan.edits.length === 0) continue;
    const [{ key: first }] = edited.plans;
    const known = plan.identity ? (await memory.get([first])).identity : undefined;
    if (known !== undefined) identity.set(first, known);
    const runs: StoredRun[] = [];
    for (const run of plan.measures.includes('ood') ? [edited, ...controls].flatMap(runsOf) : []) {
      const found = (await memory.get([run.manifest.key, ...baselines.map(({ manifest }) => manifest.key)])).health;
      if (found === undefined) runs.push(run);
      else health.set(run.manifest.key, found);
    }
    const check = plan.identity && known === undefined;
    if (check || runs.length > 0) work.push({ plan, baselines, identity: check, runs });
  }
  if (work.length === 0) return { identity, health };

  const total = work.reduce((sum, { runs }) => sum + runs.length, 0);
  let done = 0;
  await models.use(requestOf(study, spec), async (model) => {
    const inputs = await model.editInputs({ masks: study.masks, guided: spec.resolved.sample.guidanceScale > 1 });
    for (const { plan, baselines, identity: check, runs } of work) {
      throwIfCancelled(signal);
      if (check) {
        const [, { plans: [{ key }] }] = plan.groups;
        const holds = await identityHolds(model, inputs, plan.edits, baselines[0]);
        identity.set(key, holds);
        await memory.set([key], { identity: holds });
      }
      const meter = runs.length === 0 ? undefined : await HealthMeter.open(model, inputs, plan.edits, baselines, signal);
      for (const run of runs) {
        const found = await meter?.measure(run);
        if (found !== undefined) {
          health.set(run.manifest.key, found);
          await memory.set([run.manifest.key, ...baselines.map(({ manifest }) => manifest.key)], { health: found });
        }
        onRun?.(done += 1, total);
      }
    }
  });
  return { identity, health };
}

/** The model as the runs were computed with, so that one in memory serves again. */
function requestOf(study: StudyPlan, { pipeline, saes, resolved: { trace }, folder }: SpecPlan): ModelRequest {
  const edited = new Set(allExperiments(study).flatMap(({ edits }) => edits).map(({ site }) => site));
  const all = [...saes.values()].map(({ sae }) => sae);
  return {
    pipeline, saes: all.filter(({ site }) => trace.sites.includes(site)), editable: all.filter(({ site }) => edited.has(site)),
    branch: trace.branch, cacheFolder: `${folder}/cache`,
  };
}
