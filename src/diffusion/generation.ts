import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { float32 } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { rowsOf } from './conditioning.ts';
import type { Conditioning } from './conditioning.ts';
import type { Prediction } from './denoiser.ts';
import type { LoadedPipeline } from './loadPipeline.ts';
import { initialLatents } from './noise.ts';
import type { SchedulerName } from './schedulers/createScheduler.ts';
import type { Scheduler, SchedulerState } from './schedulers/scheduler.ts';

/** What to generate. */
export interface GenerationRequest {
  readonly prompt: string;
  /** What to steer away from; empty for nothing in particular. */
  readonly negativePrompt: string;
  /** Of `torch.Generator("cpu")`. */
  readonly seed: number;
  readonly steps: number;
  /** Weight of classifier-free guidance, arXiv:2207.12598; up to 1 there is none, and the negative prompt plays no part. */
  readonly guidanceScale: number;
  readonly scheduler: SchedulerName;
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

/** Where a generation stands between two steps: all that the rest of it hangs on beside its request. */
export interface GenerationState {
  /** The step to come, from 0. */
  readonly step: number;
  /** [channels, height, width]; never changed in place. */
  readonly latents: Float32Array;
  readonly scheduler: SchedulerState;
}

/** The latents have become NaN or infinite: the model is damaged, or what was changed on the way was more than it bears. */
export class NonFiniteError extends InputError {
  /** The step at which it happened, from 0. */
  readonly step: number;

  constructor(step: number, ...[message, fault]: ConstructorParameters<typeof InputError>) {
    super(message, fault);
    this.step = step;
  }
}

/**
 * A generation that goes one step at a time, as diffusers' `StableDiffusionPipeline` does, and can go on from the middle of another. The U-Net is asked by the caller:
 * `input` is what it sees, `accept` takes its answer.
 */
export class Generation {
  /** Of the rows [uncond, cond] under guidance, else of one. */
  readonly conditioning: Conditioning;
  readonly #pipeline: LoadedPipeline;
  readonly #scheduler: Scheduler;
  readonly #guidanceScale: number;
  readonly #input: Tensor<Float32Array>;
  readonly #guided: Float32Array;
  #latents: Float32Array;
  #step: number;

  private constructor(pipeline: LoadedPipeline, scheduler: Scheduler, guidanceScale: number, conditioning: Conditioning, { step, latents }: Omit<GenerationState, 'scheduler'>) {
    const rows = rowsOf(conditioning);
    const [, ...shape] = pipeline.latentShape;
    this.conditioning = conditioning;
    this.#pipeline = pipeline;
    this.#scheduler = scheduler;
    this.#guidanceScale = guidanceScale;
    this.#input = float32(new Float32Array(rows * latents.length), [rows, ...shape]);
    this.#guided = new Float32Array(latents.length);
    this.#latents = latents;
    this.#step = step;
  }

  /**
   * @param conditioning that of another generation of the same texts, to encode them once
   * @param from where to go on; left out: at the noise of the seed
   * @throws InputError as `createScheduler`, `setTimesteps` and `encode`
   */
  static async begin(
    pipeline: LoadedPipeline, request: GenerationRequest, { conditioning, from }: { conditioning?: Conditioning; from?: GenerationState } = {},
  ): Promise<Generation> {
    const { guidanceScale, scheduler: name, seed, steps } = request;
    const scheduler = pipeline.createScheduler(name);
    scheduler.setTimesteps(steps);
    if (from !== undefined) scheduler.restore(from.scheduler);
    const state = from ?? { step: 0, latents: initialLatents(seed, pipeline.latentShape, scheduler.initNoiseSigma) };
    return new Generation(pipeline, scheduler, guidanceScale, conditioning ?? await pipeline.condition(request), state);
  }

  /** Whether every step has been made. */
  get done(): boolean {
    return this.#step >= this.#scheduler.timesteps.length;
  }

  /** The step to come, from 0. */
  get step(): number {
    return this.#step;
  }

  /** At which the U-Net is asked, of every step. */
  get timesteps(): Int32Array {
    return this.#scheduler.timesteps;
  }

  /** At which the U-Net is to be asked next. */
  get timestep(): number {
    return this.#scheduler.timesteps[this.#step];
  }

  /** Where it stands now; another generation of the same request can go on from there. */
  snapshot(): GenerationState {
    return { step: this.#step, latents: this.#latents, scheduler: this.#scheduler.snapshot() };
  }

  /** What the U-Net is to see: float32 [rows, channels, height, width]; overwritten by the next call. */
  input(): Tensor<Float32Array> {
    const scaled = this.#scheduler.scaleModelInput(this.#latents, this.#step);
    for (let at = 0; at < this.#input.data.length; at += scaled.length) this.#input.data.set(scaled, at);
    return this.#input;
  }

  /** Go one step. @param prediction the U-Net's answer to `input` at `timestep`. @throws NonFiniteError; the generation stands where it stood */
  accept({ noise, taps }: Prediction): StepState {
    const [step, timestep, scheduler] = [this.#step, this.timestep, this.#scheduler];
    guide(noise, this.#guidanceScale, this.#guided);
    this.#requireFinite(this.#guided);
    const { prevSample, predOriginalSample } = scheduler.step(this.#guided, step, this.#latents);
    this.#requireFinite(prevSample);
    this.#latents = prevSample;
    this.#step += 1;
    return { step, timestep, t: timestep / scheduler.trainTimesteps, latents: prevSample, predOriginal: predOriginalSample, taps };
  }

  #requireFinite(values: Float32Array): void {
    if (values.every(Number.isFinite)) return;
    throw new NonFiniteError(this.#step, phrase`the U-Net answered with NaN or infinity`, {
      file: this.#pipeline.folder.components.unet.path, place: `step ${this.#step} (timestep ${this.timestep})`,
      remedy: phrase`Check the export of the model (float16 weights overflow easily), or lower the guidance scale.`,
    });
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
