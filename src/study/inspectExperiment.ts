import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { ModelAtWork } from '../experiment/executeOptions.ts';
import type { StoredRun } from '../experiment/runStore.ts';
import type { ExperimentPlan } from './experimentPlan.ts';
import { identityHolds } from './identityCheck.ts';
import { HealthMeter, type RunHealth } from './runHealth.ts';
import { healthKeys, type RunMemory } from './runMemory.ts';

/** What the U-Net, asked once more, tells about the runs of an experiment. */
export interface Inspection {
  /** Whether the splice of the edits, with nothing to do, leaves the prediction as it is; null where that is not asked. */
  readonly identity: boolean | null;
  /** By key of the edited run; none where `ood` is not measured. */
  readonly health: ReadonlyMap<string, RunHealth>;
}

/** What is known already, and what has to be looked at. */
export interface InspectionWork {
  readonly known: Inspection;
  readonly plan: ExperimentPlan;
  readonly baselines: readonly StoredRun[];
  readonly checksIdentity: boolean;
  readonly runs: readonly StoredRun[];
}

/** What of an inspection is still to be done. @param find a finished run */
export async function inspectionWork(plan: ExperimentPlan, find: (key: string) => StoredRun | undefined, memory: RunMemory): Promise<InspectionWork> {
  const [baseline, edited, ...controls] = plan.groups;
  const runsOf = ({ plans }: ExperimentPlan['groups'][number]): StoredRun[] => plans.flatMap(({ key }) => find(key) ?? []);
  const baselines = runsOf(baseline);
  const health = new Map<string, RunHealth>();
  const nothing = { known: { identity: null, health }, plan, baselines, checksIdentity: false, runs: [] };
  if (baselines.length === 0 || plan.edits.length === 0) return nothing;
  const identity = plan.identity ? (await memory.get([edited.plans[0].key])).identity : undefined;
  const runs: StoredRun[] = [];
  for (const run of plan.measures.includes('ood') ? [edited, ...controls].flatMap(runsOf) : []) {
    const found = (await memory.get(healthKeys(run.manifest, baselines.map(({ manifest }) => manifest)))).health;
    if (found === undefined) runs.push(run);
    else health.set(run.manifest.key, found);
  }
  return { ...nothing, known: { identity: identity ?? null, health }, checksIdentity: plan.identity && identity === undefined, runs };
}

/** Whether an inspection has to ask a model. */
export function asksModel({ checksIdentity, runs }: InspectionWork): boolean {
  return checksIdentity || runs.length > 0;
}

/**
 * Ask the U-Net once more, where an experiment wants its identity checked or measures `ood`, and remember what was found.
 * @param onRun told after each run that was looked at. @throws InputError, CancelledError
 */
export async function inspectExperiment(
  { known, plan, baselines, checksIdentity, runs }: InspectionWork, { model, inputs }: ModelAtWork, memory: RunMemory,
  { signal, onRun }: { readonly signal: AbortSignal; readonly onRun?: (done: number, total: number) => void | Promise<void> },
): Promise<Inspection> {
  throwIfCancelled(signal);
  let { identity } = known;
  if (checksIdentity) {
    identity = await identityHolds(model, inputs, plan.edits, baselines[0]);
    await memory.set([plan.groups[1].plans[0].key], { identity });
  }
  const health = new Map(known.health);
  const meter = runs.length === 0 ? undefined : await HealthMeter.open(model, inputs, plan.edits, baselines, signal);
  for (const [index, run] of runs.entries()) {
    const found = await meter?.measure(run);
    if (found !== undefined) {
      health.set(run.manifest.key, found);
      await memory.set(healthKeys(run.manifest, baselines.map(({ manifest }) => manifest)), { health: found });
    }
    await onRun?.(index + 1, runs.length);
  }
  return { identity, health };
}
