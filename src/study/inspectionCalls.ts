import type { RunPlan } from '../experiment/plan.ts';
import type { ExperimentPlan } from './experimentPlan.ts';
import { mostBaselines, stepsToLookAt } from './runHealth.ts';
import { healthKeys, type RunMemory } from './runMemory.ts';

/** The splice with nothing to do, and the plain prediction beside it. */
const identityCalls = 2;

/** How often the U-Net is asked about runs that are finished. */
export interface InspectionCalls {
  /** What several experiments want to know of a run asked once. */
  readonly calls: number;
  readonly naiveCalls: number;
}

/**
 * What `inspectExperiment` asks of the U-Net for some experiments where nothing is remembered and no run fails: two calls for an identity, and for `ood` each of the steps that are
 * looked at, of every unedited run and of every edited one.
 * @param remembered see `rememberedInspections`; of `calls` alone
 */
export function inspectionCalls(plans: readonly ExperimentPlan[], remembered: ReadonlySet<string> = new Set()): InspectionCalls {
  const known = new Set(remembered);
  let [calls, naiveCalls] = [0, 0];
  for (const { edits, identity, measures, groups: [baseline, edited, ...controls] } of plans) {
    if (edits.length === 0) continue;
    if (identity) {
      naiveCalls += identityCalls;
      const check = identityMark(edited.plans[0]);
      if (!known.has(check)) calls += identityCalls;
      known.add(check);
    }
    if (!measures.includes('ood')) continue;
    const steps = stepsToLookAt(edits).length;
    const gathered = Math.min(baseline.plans.length, mostBaselines);
    const runs = [edited, ...controls].flatMap(({ plans: own }) => own.map(healthMark));
    const unseen = new Set(runs.filter((run) => !known.has(run)));
    naiveCalls += (gathered + runs.length) * steps;
    if (unseen.size > 0) calls += (gathered + unseen.size) * steps;
    for (const run of unseen) known.add(run);
  }
  return { calls, naiveCalls };
}

/** Which answers about the runs of experiments are kept: `inspectionCalls` leaves them out. */
export async function rememberedInspections(plans: readonly ExperimentPlan[], memory: RunMemory): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for (const { identity, measures, groups: [baseline, edited, ...controls] } of plans) {
    if (identity && (await memory.get([edited.plans[0].key])).identity !== undefined) known.add(identityMark(edited.plans[0]));
    const looked = measures.includes('ood') ? [edited, ...controls].flatMap((group) => group.plans) : [];
    for (const run of looked) if ((await memory.get(healthKeys(run, baseline.plans))).health !== undefined) known.add(healthMark(run));
  }
  return known;
}

function identityMark({ key }: Pick<RunPlan, 'key'>): string {
  return `identity ${key}`;
}

function healthMark({ key }: Pick<RunPlan, 'key'>): string {
  return `ood ${key}`;
}
