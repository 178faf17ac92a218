import type { RunStep } from './executeRun.ts';
import { executeRuns } from './executeRuns.ts';
import type { FinishedRun } from './experimentResult.ts';
import type { ModelLibrary } from './modelLibrary.ts';
import type { SpecPlan } from './planSpec.ts';

/** A step of one of the runs that have to be computed. */
export interface SpecStep extends RunStep {
  readonly seed: number;
  /** Steps of one run. */
  readonly steps: number;
  /** Which of the runs to compute, from 0. */
  readonly run: number;
  /** How many runs have to be computed. */
  readonly runs: number;
  /** As of `ExperimentStep`. */
  readonly secondsLeft: number | null;
}

/** How the missing runs of a plan come into being. */
export interface CompleteOptions {
  readonly signal: AbortSignal;
  readonly models: ModelLibrary;
  /** Told after each step; where it returns a promise, the next step waits for it. */
  readonly onStep?: (step: SpecStep) => void | Promise<void>;
  /** Told when a run has been computed and stands in its folder. */
  readonly onRunFinished?: (run: FinishedRun) => void | Promise<void>;
}

/**
 * Compute the runs of a plan that are missing, one after the other. A model is loaded only when there is one.
 * @returns all runs, in the order of the spec. @throws InputError, CancelledError; a run that was not finished leaves nothing behind
 */
export async function completeRuns(plan: SpecPlan, { models, signal, onStep, onRunFinished }: CompleteOptions): Promise<FinishedRun[]> {
  const missing = plan.runs.filter(({ stored }) => stored === undefined).map(({ plan: { key } }) => key);
  const results = await executeRuns(plan.runs.map((run) => ({ plan: run.plan, role: 'baseline' })), plan, {
    models, signal,
    ...(onStep !== undefined && {
      onStep: (step) => {
        const { sample: { seed, steps } } = step.plan.definition;
        return onStep({ ...step, seed, steps, run: missing.indexOf(step.plan.key), runs: missing.length });
      },
    }),
    ...(onRunFinished !== undefined && { onRunFinished }),
  });
  return plan.runs.flatMap(({ plan: { key } }) => {
    const result = results.get(key);
    return result?.kind === 'finished' ? [result.run] : [];
  });
}
