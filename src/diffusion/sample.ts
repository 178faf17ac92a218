import { setImmediate } from 'node:timers/promises';
import { InputError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import { float32 } from '../base/tensor.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { Denoiser } from './denoiser.ts';
import type { LoadedPipeline } from './loadPipeline.ts';
import { initialLatents } from './noise.ts';
import type { SchedulerName } from './schedulers/createScheduler.ts';

/** What to generate. */
export interface SampleRequest {
  readonly prompt: string;
  /** What to steer away from; empty for nothing in particular. */
  readonly negativePrompt: string;
  /** Of `torch.Generator("cpu")`. */
  readonly seed: number;
  readonly steps: number;
  /** Weight of classifier-free guidance, arXiv:2207.12598; up to 1 there is none, and the negative prompt plays no part. */
  readonly guidanceScale: number;
  readonly scheduler: SchedulerName;
  /** Checked before every step. */
  readonly signal?: AbortSignal;
}

/** A generation after one step. The arrays are the receiver's to keep. */
export interface StepState {
  /** Counts from 0. */
  readonly step: number;
  /** The timestep at which the U-Net was asked. */
  readonly timestep: number;
  /** Diffusion time of that timestep: 1 is noise, 0 the image. */
  readonly t: number;
  /** Latents after the step, [channels, height, width]. */
  readonly latents: Float32Array;
  /** The final latents as predicted at this step, [channels, height, width]. */
  readonly predOriginal: Float32Array;
  /** The denoiser's further outputs. */
  readonly taps: Readonly<Record<string, Tensor>>;
}

/**
 * Denoise, step by step, as diffusers' `StableDiffusionPipeline` does: the same request gives the same latents. The U-Net sees the rows
 * [uncond, cond] under guidance, else one row. Between steps the event loop has its turn.
 * @returns the state after each step; the last one's `latents` are for the VAE.
 * @throws CancelledError once the signal is aborted. @throws InputError when the U-Net answers with NaN or infinity
 */
export async function* sample(pipeline: LoadedPipeline, denoiser: Denoiser, request: SampleRequest): AsyncGenerator<StepState, void, undefined> {
  const { prompt, negativePrompt, guidanceScale, signal } = request;
  throwIfCancelled(signal);
  const scheduler = pipeline.createScheduler(request.scheduler);
  scheduler.setTimesteps(request.steps);
  const prompts = guidanceScale > 1 ? [negativePrompt, prompt] : [prompt];
  const promptEmbeds = await pipeline.promptEncoder.encode(prompts);

  const [, ...latentShape] = pipeline.latentShape;
  let latents = initialLatents(request.seed, pipeline.latentShape, scheduler.initNoiseSigma);
  const input = float32(new Float32Array(prompts.length * latents.length), [prompts.length, ...latentShape]);
  const guided = new Float32Array(latents.length);

  for (const [step, timestep] of scheduler.timesteps.entries()) {
    throwIfCancelled(signal);
    const scaled = scheduler.scaleModelInput(latents, step);
    for (let row = 0; row < prompts.length; row++) {
      input.data.set(scaled, row * latents.length);
    }
    const { noise, taps } = await denoiser.predict(input, timestep, promptEmbeds);
    guide(noise, guidanceScale, guided);
    if (!guided.every(Number.isFinite)) {
      throw new InputError('the U-Net answered with NaN or infinity', {
        file: pipeline.folder.components.unet.path, place: `step ${step} (timestep ${timestep})`,
        remedy: 'Check the export of the model (float16 weights overflow easily), or lower the guidance scale.',
      });
    }
    const { prevSample, predOriginalSample } = scheduler.step(guided, step, latents);
    latents = prevSample;
    yield { step, timestep, t: timestep / scheduler.trainTimesteps, latents, predOriginal: predOriginalSample, taps };
    await setImmediate();
  }
}

/** Classifier-free guidance over the rows [uncond, cond], each operation rounded to float32 as in torch; a single row is copied. */
function guide({ data, shape: [rows] }: Tensor, scale: number, guided: Float32Array): void {
  const prediction = data as Float32Array;
  if (rows === 1) {
    guided.set(prediction);
    return;
  }
  const weight = Math.fround(scale);
  for (let i = 0; i < guided.length; i++) {
    const uncond = prediction[i];
    const difference = Math.fround(prediction[i + guided.length] - uncond);
    guided[i] = uncond + Math.fround(weight * difference);
  }
}
