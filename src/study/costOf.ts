import type { RunResult } from '../experiment/executeOptions.ts';
import { prefixTree } from '../experiment/prefixTree.ts';
import { askedRuns, type ExperimentPlan } from './experimentPlan.ts';
import { inspectionCalls } from './inspectionCalls.ts';
import type { ExperimentOutcome } from './outcome.ts';

/** What experiments take when nothing is stored: each run made once and what they share made once, and what is asked of the U-Net beyond the runs. */
export function costOf(plans: readonly ExperimentPlan[], results: ReadonlyMap<string, RunResult>): ExperimentOutcome['cost'] {
  const asked = askedRuns({ experiments: plans, sweeps: [], masks: new Map() });
  const tree = prefixTree(asked);
  const inspection = inspectionCalls(plans);
  const milliseconds = [...new Set(asked.map(({ plan }) => plan.key))].reduce((sum, key) => {
    const result = results.get(key);
    return sum + (result?.kind === 'finished' ? result.run.manifest.timings.totalMs : 0);
  }, 0);
  return {
    unetCalls: tree.unetCalls + inspection.calls, naiveUnetCalls: tree.naiveUnetCalls + inspection.naiveCalls,
    inspectionCalls: inspection.calls, seconds: Math.round(milliseconds) / 1000,
  };
}
