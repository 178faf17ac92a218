import { join } from 'node:path';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import { executeRun } from './executeRun.ts';
import type { RunStep } from './executeRun.ts';
import type { FinishedRun } from './experimentResult.ts';
import type { ModelLibrary } from './modelLibrary.ts';
import type { PlannedRun, SpecPlan } from './planSpec.ts';
import type { TracingModel } from './tracingModel.ts';

/** A step of one of the runs that have to be computed. */
export interface SpecStep extends RunStep {
  readonly seed: number;
  /** Steps of one run. */
  readonly steps: number;
  /** Which of the runs to compute, from 0. */
  readonly run: number;
  /** How many runs have to be computed. */
  readonly runs: number;
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
  const { pipeline, saes, resolved: { trace }, folder } = plan;
  const missing = plan.runs.filter(({ stored }) => stored === undefined);
  const computed = new Map<PlannedRun, FinishedRun>();
  if (missing.length > 0) {
    throwIfCancelled(signal);
    const traced = [...saes.values()].flatMap(({ sae }) => (trace.sites.includes(sae.site) ? [sae] : []));
    await models.use({ pipeline, saes: traced, branch: trace.branch, cacheFolder: join(folder, 'cache') }, async (model) => {
      for (const [index, planned] of missing.entries()) {
        const { seed, steps } = planned.plan.definition.sample;
        const told = onStep && ((step: RunStep) => onStep({ ...step, seed, steps, run: index, runs: missing.length }));
        const run = await compute(planned, model, plan, signal, told);
        computed.set(planned, run);
        await onRunFinished?.(run);
      }
    });
  }
  return plan.runs.flatMap((planned) => {
    const run = planned.stored === undefined ? computed.get(planned) : { ...planned.stored, cached: true };
    return run === undefined ? [] : [run];
  });
}

async function compute({ plan }: PlannedRun, model: TracingModel, { store }: SpecPlan, signal: AbortSignal, onStep: ((step: RunStep) => void | Promise<void>) | undefined): Promise<FinishedRun> {
  const pending = await store.begin(plan.key);
  try {
    return { ...await executeRun(plan, model, pending, { signal, ...(onStep !== undefined && { onStep }) }), cached: false };
  } catch (error) {
    await pending.abandon();
    throw error;
  }
}
