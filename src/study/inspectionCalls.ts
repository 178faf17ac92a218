import type { ExperimentPlan } from './experimentPlan.ts';
import { mostBaselines, stepsToLookAt } from './runHealth.ts';

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
 */
export function inspectionCalls(plans: readonly ExperimentPlan[]): InspectionCalls {
  const known = new Set<string>();
  let [calls, naiveCalls] = [0, 0];
  for (const { edits, identity, measures, groups: [baseline, edited, ...controls] } of plans) {
    if (edits.length === 0) continue;
    if (identity) {
      naiveCalls += identityCalls;
      if (!known.has(edited.plans[0].key)) calls += identityCalls;
      known.add(edited.plans[0].key);
    }
    if (!measures.includes('ood')) continue;
    const steps = stepsToLookAt(edits).length;
    const gathered = Math.min(baseline.plans.length, mostBaselines);
    const runs = [edited, ...controls].flatMap(({ plans: own }) => own.map(({ key }) => `ood ${key}`));
    const unseen = new Set(runs.filter((run) => !known.has(run)));
    naiveCalls += (gathered + runs.length) * steps;
    if (unseen.size > 0) calls += (gathered + unseen.size) * steps;
    for (const run of unseen) known.add(run);
  }
  return { calls, naiveCalls };
}
