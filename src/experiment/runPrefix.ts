import { join } from 'node:path';
import { phrase } from '../base/phrase.ts';
import { bytesOf } from '../base/tensor.ts';
import type { GenerationState } from '../diffusion/generation.ts';
import type { LoadedPipeline } from '../diffusion/loadPipeline.ts';
import { replay } from '../diffusion/replay.ts';
import { latentsFile, readLatents } from './latentsFile.ts';
import type { RunPlan } from './plan.ts';
import { previewName } from './previewName.ts';
import type { PendingRun, StoredRun } from './runStore.ts';
import { damaged, readTrace } from './traceFile.ts';
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

/** A finished run as the beginning of others. @throws InputError when its trace or its latents are missing or damaged, or are not those that its scheduler comes to */
export async function storedPrefix(plan: RunPlan, run: StoredRun, pipeline: Pick<LoadedPipeline, 'createScheduler' | 'latentShape'>): Promise<RunPrefix> {
  const states = await statesOf(plan, run, pipeline);
  return {
    plan, steps: plan.calls,
    trace: await readTrace(join(run.folder, 'trace.safetensors')),
    stateBefore: (step) => states[step - 1],
    sharePreview: (step, pending) => { pending.share(previewName(step), join(run.folder, previewName(step))); },
  };
}

/** Before each step but the first, and after the last. */
async function statesOf({ definition: { sample } }: RunPlan, run: StoredRun, pipeline: Pick<LoadedPipeline, 'createScheduler' | 'latentShape'>): Promise<GenerationState[]> {
  const { latents, guided } = await readLatents(run);
  const fault = (tensor: string): Error => damaged(phrase`is missing or has the wrong type or size`, join(run.folder, latentsFile), tensor);
  if (pipeline.createScheduler(sample.scheduler).stateless) {
    return latents.map((row, index) => ({ step: index + 1, latents: row, scheduler: { steps: sample.steps, history: [] }, drawn: 0 }));
  }
  if (guided.length === 0) throw fault('guided');
  const states = replay(pipeline, sample, guided);
  if (!states.every((state, index) => Buffer.compare(bytesOf(state.latents), bytesOf(latents[index])) === 0)) throw fault('latents');
  return states;
}
