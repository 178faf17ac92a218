import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { Denoiser } from './denoiser.ts';
import { Generation } from './generation.ts';
import type { GenerationRequest, StepState } from './generation.ts';
import type { LoadedPipeline } from './loadPipeline.ts';

export type { StepState } from './generation.ts';

/** What to generate, and when to stop. */
export interface SampleRequest extends GenerationRequest {
  /** Checked before every step. */
  readonly signal?: AbortSignal;
}

/**
 * Denoise, step by step, as diffusers' `StableDiffusionPipeline` does: the same request gives the same latents. The U-Net sees the rows
 * [uncond, cond] under guidance, else one row. Between steps the event loop has its turn.
 * @returns the state after each step; the last one's `latents` are for the VAE.
 * @throws CancelledError once the signal is aborted. @throws NonFiniteError when the U-Net answers with NaN or infinity
 */
export async function* sample(pipeline: LoadedPipeline, denoiser: Denoiser, request: SampleRequest): AsyncGenerator<StepState, void, undefined> {
  const { signal } = request;
  throwIfCancelled(signal);
  const generation = await Generation.begin(pipeline, request);
  while (!generation.done) {
    throwIfCancelled(signal);
    yield generation.accept(await denoiser.predict(generation.input(), generation.timestep, generation.conditioning));
    await setImmediate();
  }
}
