import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { float32 } from '../base/tensor.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { Branch, SiteTrace } from '../concepts/siteTrace.ts';
import type { Conditioning } from '../diffusion/conditioning.ts';
import type { Prediction } from '../diffusion/denoiser.ts';
import { Generation } from '../diffusion/generation.ts';
import type { GenerationState } from '../diffusion/generation.ts';
import { encodePng } from '../diffusion/png.ts';
import type { RgbImage } from '../diffusion/png.ts';
import type { EditDefinition } from './editDefinition.ts';
import { engineVersion } from './engineVersion.ts';
import { encodeLatents, latentsFile } from './latentsFile.ts';
import type { RunPlan } from './plan.ts';
import { previewName } from './previewName.ts';
import { runMetrics } from './runMetrics.ts';
import type { RunPrefix } from './runPrefix.ts';
import type { PendingRun, StoredRun } from './runStore.ts';
import { encodeTrace } from './traceFile.ts';
import type { TracingModel } from './tracingModel.ts';
import { TraceRecorder } from './traceRecorder.ts';

/** Latents up to this many cells are previewed through the VAE; beyond it a decode costs more than a step. */
const mostDecodedCells = 32 * 32;

/** One step of a run, as soon as it has been made. */
export interface RunStep {
  /** From 0. */
  readonly step: number;
  /** When its networks had finished, before the preview was made: milliseconds since the epoch. */
  readonly at: number;
  /** A PNG of the predicted image, still in the making; absent where the step is not recorded. */
  readonly preview: Promise<Uint8Array> | undefined;
  /** Per site and branch the codes of this one step, views that stay as they are; none where the step is not recorded. */
  codes(): SiteTrace[];
}

/** How a run begins. */
export interface RunBeginning {
  /** Encoded texts of another run of the same sample. */
  readonly conditioning?: Conditioning;
  /** Steps that need not be made: those of a run that is the same up to there. */
  readonly shared?: { readonly prefix: RunPrefix; readonly steps: number };
}

/** A run being made, step by step; whoever makes it asks the U-Net. */
export class RunInProgress {
  readonly plan: RunPlan;
  readonly generation: Generation;
  readonly #model: TracingModel;
  readonly #pending: PendingRun;
  readonly #shared: RunBeginning['shared'];
  readonly #recorder: TraceRecorder;
  readonly #recorded: ReadonlySet<number>;
  /** Before each step, and after the last one made. */
  readonly #states: GenerationState[] = [];
  readonly #previews = new Map<number, Promise<Uint8Array>>();
  readonly #started = performance.now();
  readonly #before: { readonly unetMs: number; readonly sessionMs: number };
  #folder: string | undefined;

  private constructor(plan: RunPlan, model: TracingModel, pending: PendingRun, generation: Generation, shared: RunBeginning['shared']) {
    const { trace } = plan.definition;
    const [, , height, width] = model.pipeline.latentShape;
    this.plan = plan;
    this.generation = generation;
    this.#model = model;
    this.#pending = pending;
    this.#shared = shared;
    this.#before = { unetMs: model.unetMs, sessionMs: model.sessionMs };
    this.#recorded = new Set(trace.steps);
    this.#recorder = new TraceRecorder(model.saes, branchesOf(trace.branch), trace.steps, [height, width]);
    if (shared !== undefined) {
      this.#recorder.resume(shared.prefix.trace, shared.steps);
      for (let step = 1; step < shared.steps; step++) this.#states[step] = shared.prefix.stateBefore(step);
      for (const step of trace.steps) if (step < shared.steps) shared.prefix.sharePreview(step, pending);
    }
    this.#states[generation.step] = generation.snapshot();
  }

  /** @param pending is committed by `finish` and left to the caller otherwise. @throws InputError as `Generation.begin` */
  static async begin(plan: RunPlan, model: TracingModel, pending: PendingRun, { conditioning, shared }: RunBeginning = {}): Promise<RunInProgress> {
    const { trace: { branch }, sample: { guidanceScale } } = plan.definition;
    if (branch !== 'cond' && guidanceScale > 1 && !model.pipeline.guided(guidanceScale)) {
      throw new InputError(phrase`is told the guidance scale itself, so that there is no uncond branch`, {
        file: model.pipeline.folder.components.unet.path, place: 'timestep_cond', remedy: phrase`Trace the cond branch of this model.`,
      });
    }
    const generation = await Generation.begin(model.pipeline, plan.definition.sample, {
      ...(conditioning !== undefined && { conditioning }), ...(shared !== undefined && { from: shared.prefix.stateBefore(shared.steps) }),
    });
    return new RunInProgress(plan, model, pending, generation, shared);
  }

  get edits(): readonly EditDefinition[] {
    return this.plan.definition.edits ?? [];
  }

  /** Take the U-Net's answer to a step. @param signal ends what has to be fitted for the first preview. @throws NonFiniteError, CancelledError */
  async accept(prediction: Prediction, signal: AbortSignal): Promise<RunStep> {
    const { step, timestep } = this.generation;
    this.#recorder.record(step, timestep, prediction.taps);
    const { predOriginal } = this.generation.accept(prediction);
    this.#states[step + 1] = this.generation.snapshot();
    const at = Date.now();
    let preview: Promise<Uint8Array> | undefined;
    if (this.#recorded.has(step)) {
      preview = encodePng(this.#previewsByVae ? await this.#decode(predOriginal) : await this.#model.linearPreview(predOriginal, signal));
      this.#previews.set(step, preview);
      this.#pending.add(previewName(step), preview);
    }
    return { step, at, preview, codes: () => this.#recorder.codesOf(step) };
  }

  /**
   * Once every step has been made: decode the picture, and store the run.
   * @returns the finished run; its `totalMs` counts everything up to the last file, flushed. @throws InputError on a full disk, CancelledError
   */
  async finish(signal: AbortSignal): Promise<StoredRun> {
    const { definition, key } = this.plan;
    const [, ...latents] = this.#model.pipeline.latentShape;
    const states = this.#states.slice(1);
    const rows = states.map((state) => state.latents);
    const metadata = { engine: engineVersion, model: definition.model };
    this.#pending.add(latentsFile, encodeLatents({ latents: rows, guided: states.flatMap(({ guided }) => guided ?? []) }, latents, metadata));
    const trace = this.#recorder.finish();
    this.#pending.add('trace.safetensors', encodeTrace(trace, { ...metadata, saes: JSON.stringify(definition.saes) }));
    this.#pending.add('metrics.json', JSON.stringify(runMetrics(trace)));
    // Last: meanwhile the disk is at work on the others.
    this.#pending.add('image.png', encodePng(await this.#decode(rows[rows.length - 1])));
    await this.#pending.flushed();
    throwIfCancelled(signal);
    const { timesteps, trainTimesteps } = this.generation;
    const run = await this.#pending.commit({
      format: 1, key, definition, sources: this.#model.sources, timesteps: [...timesteps], ...(trainTimesteps !== 1000 && { trainTimesteps }), latents,
      previews: this.#previewsByVae ? 'vae' : 'linear',
      ...(this.#shared !== undefined && { shared: { run: this.#shared.prefix.plan.key, steps: this.#shared.steps } }),
      timings: {
        unetMs: this.#model.unetMs - this.#before.unetMs, sessionMs: this.#model.sessionMs - this.#before.sessionMs, totalMs: performance.now() - this.#started,
      },
      ...(this.#model.computed !== undefined && { computed: this.#model.computed }),
      versions: { 'dmi-lens': engineVersion, node: process.versions.node, platform: `${process.platform}-${process.arch}`, provider: this.#model.provider },
      finishedAt: new Date().toISOString(),
    });
    this.#folder = run.folder;
    return run;
  }

  /** The steps made so far, for runs that are the same up to one of them. */
  prefix(): RunPrefix {
    const [folder, states, previews, shared] = [this.#folder, this.#states, this.#previews, this.#shared];
    return {
      plan: this.plan, steps: this.generation.step, trace: this.#recorder.finish(),
      stateBefore: (step) => states[step],
      sharePreview: (step, pending) => {
        const preview = previews.get(step);
        if (folder !== undefined) pending.share(previewName(step), join(folder, previewName(step)));
        else if (preview !== undefined) pending.add(previewName(step), preview);
        else shared?.prefix.sharePreview(step, pending);
      },
    };
  }

  get #previewsByVae(): boolean {
    const [, , height, width] = this.#model.pipeline.latentShape;
    return height * width <= mostDecodedCells;
  }

  async #decode(latents: Float32Array): Promise<RgbImage> {
    const { vaeDecoder, latentShape } = this.#model.pipeline;
    return (await vaeDecoder.decode(float32(latents, latentShape)))[0];
  }
}

/** The recorded branches, in the order of the rows of the network. */
function branchesOf(branch: 'cond' | 'uncond' | 'both'): Branch[] {
  return branch === 'both' ? ['uncond', 'cond'] : [branch];
}
