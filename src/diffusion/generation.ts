import { InputError } from '../base/errors.ts';
import { phrase, type Phrase } from '../base/phrase.ts';
import { allFinite, float32, sizeOf } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { rowsOf } from './conditioning.ts';
import type { Conditioning } from './conditioning.ts';
import type { Prediction } from './denoiser.ts';
import type { LoadedPipeline } from './loadPipeline.ts';
import { GenerationNoise } from './noise.ts';
import { rescaleGuided } from './rescaleGuided.ts';
import type { SchedulerName } from './schedulers/createScheduler.ts';
import type { Scheduler, SchedulerState } from './schedulers/scheduler.ts';

/** What to generate. */
export interface GenerationRequest {
  readonly prompt: string;
  /** What to steer away from; empty for nothing in particular. */
  readonly negativePrompt: string;
  /** Of `torch.Generator("cpu")`. */
  readonly seed: number;
  /** As diffusers' `num_inference_steps`; some schedulers ask the U-Net more often. */
  readonly steps: number;
  /** Weight of classifier-free guidance, arXiv:2207.12598; up to 1 there is none, and the negative prompt plays no part. */
  readonly guidanceScale: number;
  /** How far guidance is held to the spread of the prompted prediction, 0 to 1: equations 15 and 16 of arXiv:2305.08891. */
  readonly guidanceRescale?: number;
  /** Left out: the pipeline's own. */
  readonly scheduler?: SchedulerName;
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
  /** How often the scheduler has drawn noise. */
  readonly drawn: number;
  /** The prediction, guidance applied, that the step before this one went by; only where the scheduler goes on from more than the latents. */
  readonly guided?: Float32Array;
}

/** A state to ask the U-Net at, not to go on from: of a scheduler that remembers earlier steps it does not hold them. @param steps of the request */
export function stateToLookAt(step: number, latents: Float32Array, steps: number): GenerationState {
  return { step, latents, scheduler: { steps, history: [] }, drawn: 0 };
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
  readonly #guidance: Pick<GenerationRequest, 'guidanceScale' | 'guidanceRescale'>;
  readonly #noise: GenerationNoise;
  readonly #input: Tensor<Float32Array>;
  readonly #guided: Float32Array;
  #state: Omit<GenerationState, 'scheduler' | 'drawn'>;

  private constructor(
    pipeline: LoadedPipeline, scheduler: Scheduler, guidance: Pick<GenerationRequest, 'guidanceScale' | 'guidanceRescale'>, conditioning: Conditioning, noise: GenerationNoise,
    state: Omit<GenerationState, 'scheduler' | 'drawn'>,
  ) {
    const rows = rowsOf(conditioning);
    const [, ...shape] = pipeline.latentShape;
    this.conditioning = conditioning;
    this.#pipeline = pipeline;
    this.#scheduler = scheduler;
    this.#guidance = guidance;
    this.#noise = noise;
    this.#input = float32(new Float32Array(rows * sizeOf(shape)), [rows, ...shape]);
    this.#guided = new Float32Array(sizeOf(shape));
    this.#state = state;
  }

  /**
   * @param conditioning that of another generation of the same texts, to encode them once
   * @param from where to go on; left out: at the noise of the seed
   * @throws InputError as `createScheduler`, `setTimesteps` and `encode`
   */
  static async begin(
    pipeline: LoadedPipeline, request: GenerationRequest, { conditioning, from }: { conditioning?: Conditioning; from?: GenerationState } = {},
  ): Promise<Generation> {
    const { scheduler: name, seed, steps } = request;
    const scheduler = pipeline.createScheduler(name);
    scheduler.setTimesteps(steps);
    if (from !== undefined) scheduler.restore(from.scheduler);
    const noise = new GenerationNoise(seed, sizeOf(pipeline.latentShape), from?.drawn);
    const state = from ?? { step: 0, latents: noise.initial(scheduler.initNoiseSigma) };
    return new Generation(pipeline, scheduler, request, conditioning ?? await pipeline.condition(request), noise, state);
  }

  /** Whether every step has been made. */
  get done(): boolean {
    return this.step >= this.#scheduler.timesteps.length;
  }

  /** The step to come, from 0. */
  get step(): number {
    return this.#state.step;
  }

  /** At which the U-Net is asked, of every step. */
  get timesteps(): Float64Array {
    return this.#scheduler.timesteps;
  }

  /** What timesteps count to. */
  get trainTimesteps(): number {
    return this.#scheduler.trainTimesteps;
  }

  /** At which the U-Net is to be asked next. */
  get timestep(): number {
    return this.#scheduler.timesteps[this.step];
  }

  /** Where it stands now; another generation of the same request can go on from there. */
  snapshot(): GenerationState {
    return { ...this.#state, scheduler: this.#scheduler.snapshot(), drawn: this.#noise.drawn };
  }

  /** What the U-Net is to see: float32 [rows, channels, height, width]; overwritten by the next call. */
  input(): Tensor<Float32Array> {
    const scaled = this.#scheduler.scaleModelInput(this.#state.latents, this.step);
    for (let at = 0; at < this.#input.data.length; at += scaled.length) this.#input.data.set(scaled, at);
    return this.#input;
  }

  /** Go one step. @param prediction the U-Net's answer to `input` at `timestep`. @throws NonFiniteError; the generation stands where it stood */
  accept({ noise, taps }: Prediction): StepState {
    const [step, timestep, scheduler] = [this.step, this.timestep, this.#scheduler];
    guide(noise, this.#guidance, this.#guided);
    if (!allFinite(this.#guided)) {
      const { path } = this.#pipeline.folder.components.unet;
      throw this.#nonFinite(phrase`the U-Net answered with NaN or infinity`, path, phrase`Check the export of the model (float16 weights overflow easily), or lower the guidance scale.`);
    }
    const { prevSample, predOriginalSample } = scheduler.step(this.#guided, step, this.#state.latents, () => this.#noise.draw());
    if (!allFinite(prevSample)) {
      const { path } = this.#pipeline.folder.components.scheduler;
      throw this.#nonFinite(phrase`the scheduler came to NaN or infinity from what the U-Net answered`, path, phrase`Check "prediction_type" and the beta schedule against the model, or name another "scheduler".`);
    }
    this.#state = { step: step + 1, latents: prevSample, ...(!scheduler.stateless && { guided: this.#guided.slice() }) };
    return { step, timestep, t: timestep / scheduler.trainTimesteps, latents: prevSample, predOriginal: predOriginalSample, taps };
  }

  #nonFinite(message: Phrase, file: string, remedy: Phrase): NonFiniteError {
    return new NonFiniteError(this.step, message, { file, place: `step ${this.step} (timestep ${this.timestep})`, remedy });
  }
}

/** Classifier-free guidance over the rows [uncond, cond], each operation rounded to float32 as in torch; a single row is copied. */
function guide({ data, shape: [rows] }: Tensor, { guidanceScale, guidanceRescale = 0 }: Pick<GenerationRequest, 'guidanceScale' | 'guidanceRescale'>, guided: Float32Array): void {
  const prediction = data as Float32Array;
  if (rows === 1) {
    guided.set(prediction);
    return;
  }
  const weight = Math.fround(guidanceScale);
  for (let i = 0; i < guided.length; i++) {
    const uncond = prediction[i];
    const difference = Math.fround(prediction[i + guided.length] - uncond);
    guided[i] = uncond + Math.fround(weight * difference);
  }
  if (guidanceRescale > 0) rescaleGuided(guided, prediction.subarray(guided.length), guidanceRescale);
}
