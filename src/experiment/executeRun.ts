import { setImmediate } from 'node:timers/promises';
import { allFinite } from '../base/tensor.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import { NonFiniteError } from '../diffusion/generation.ts';
import { ActivationFault } from './activationFault.ts';
import { predictTogether } from './advanceRuns.ts';
import type { EditInputs } from './editInputs.ts';
import type { RunPlan } from './plan.ts';
import { RunInProgress } from './runInProgress.ts';
import type { RunStep } from './runInProgress.ts';
import type { PendingRun, StoredRun } from './runStore.ts';
import type { TracingModel } from './tracingModel.ts';

export type { RunStep } from './runInProgress.ts';

/** What ends one run and concerns no other: its latents became NaN or infinite. */
export type RunFault = ActivationFault | NonFiniteError;

function isRunFault(error: unknown): error is RunFault {
  return error instanceof ActivationFault || error instanceof NonFiniteError;
}

/**
 * Generate once, from the first step on, and store what was seen.
 * @param pending is committed on success and left to the caller otherwise
 * @param onStep told after each step; where it returns a promise, the next step waits for it
 * @returns the finished run; its `totalMs` counts everything up to the last file, flushed
 * @throws CancelledError, InputError (a full disk; NaN, with site and step)
 */
export async function executeRun(
  plan: RunPlan, model: TracingModel, pending: PendingRun, { signal, onStep }: { signal: AbortSignal; onStep?: (step: RunStep) => void | Promise<void> },
): Promise<StoredRun> {
  const inputs = await model.editInputs({ masks: new Map(), guided: model.pipeline.guided(plan.definition.sample.guidanceScale) });
  const run = await RunInProgress.begin(plan, model, pending);
  await goOn([run], model, inputs, signal, async (_, step) => { await onStep?.(step); }, (_, fault) => { throw fault; });
  return run.finish(signal);
}

/**
 * Go to the end with runs of one sample that stand at the same step, in one batch. Between steps the event loop has its turn.
 * @param onFault told of a run that ends with NaN; the others go on
 * @returns those that came to their end. @throws CancelledError
 */
export async function goOn(
  runs: readonly RunInProgress[], model: TracingModel, inputs: EditInputs, signal: AbortSignal,
  onStep: (run: RunInProgress, step: RunStep) => void | Promise<void>, onFault: (run: RunInProgress, fault: RunFault) => void | Promise<void>,
): Promise<RunInProgress[]> {
  let going = [...runs];
  while (going.length > 0 && !going[0].generation.done) {
    throwIfCancelled(signal);
    const predictions = await predictTogether(model, going, inputs);
    const well: RunInProgress[] = [];
    for (const [index, run] of going.entries()) {
      const { step, timestep, conditioning } = run.generation;
      const { noise } = predictions[index];
      try {
        if (!allFinite(noise.data as Float32Array)) {
          throw await model.faultOf(run.generation.input(), timestep, conditioning, step, inputs.at([run.edits], step));
        }
        const made = await run.accept(predictions[index], signal);
        well.push(run);
        await onStep(run, made);
      } catch (error) {
        if (!isRunFault(error)) throw error;
        await onFault(run, error);
      }
    }
    going = well;
    await setImmediate();
  }
  return going;
}
