import { join } from 'node:path';
import type { GenerationState } from '../diffusion/generation.ts';
import { readLatents } from './latentsFile.ts';
import type { RunPlan } from './plan.ts';
import { previewName } from './previewName.ts';
import type { PendingRun, StoredRun } from './runStore.ts';
import { readTrace } from './traceFile.ts';
import type { RunTrace } from './traceFile.ts';

/** The first steps of a run, for others that are the same up to there. */
export interface RunPrefix {
  readonly plan: RunPlan;
  /** How many of its steps have been made. */
  readonly steps: number;
  /** Codes of these steps. */
  readonly trace: RunTrace;
  /** Where it stood before a step, 1 to `steps`. */
  stateBefore(step: number): GenerationState;
  /** Put a step's preview into a run being written. */
  sharePreview(step: number, pending: PendingRun): void;
}

/** A finished run as the beginning of others. @throws InputError when its trace or its latents are missing or damaged */
export async function storedPrefix(plan: RunPlan, run: StoredRun): Promise<RunPrefix> {
  const { steps } = plan.definition.sample;
  const latents = await readLatents(run);
  return {
    plan, steps,
    trace: await readTrace(join(run.folder, 'trace.safetensors')),
    // Schedulers here remember nothing from step to step but how many there are; one that did would have to store it with the latents.
    stateBefore: (step) => ({ step, latents: latents[step - 1], scheduler: { steps } }),
    sharePreview: (step, pending) => { pending.share(previewName(step), join(run.folder, previewName(step))); },
  };
}
