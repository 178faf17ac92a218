import { float32 } from '../base/tensor.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { Branch, SiteTrace } from '../concepts/siteTrace.ts';
import { encodePng } from '../diffusion/png.ts';
import type { RgbImage } from '../diffusion/png.ts';
import { sample } from '../diffusion/sample.ts';
import { engineVersion } from './engineVersion.ts';
import type { RunPlan } from './plan.ts';
import { previewName } from './previewName.ts';
import { runMetrics } from './runMetrics.ts';
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

/**
 * Generate once and store what was seen: the one place where a run comes into being.
 * @param pending is committed on success and left to the caller otherwise
 * @param onStep told after each step; where it returns a promise, the next step waits for it
 * @returns the finished run; its `totalMs` counts everything up to the last file, flushed
 * @throws CancelledError, InputError (a full disk; NaN, with site and step)
 */
export async function executeRun(
  { key, definition }: RunPlan, model: TracingModel, pending: PendingRun, { signal, onStep }: { signal: AbortSignal; onStep?: (step: RunStep) => void | Promise<void> },
): Promise<StoredRun> {
  const started = performance.now();
  const before = { unetMs: model.unetMs, sessionMs: model.sessionMs };
  const { pipeline } = model;
  const { latentShape } = pipeline;
  const [, channels, height, width] = latentShape;
  const recorded = new Set(definition.trace.steps);
  const recorder = new TraceRecorder(model.saes, branchesOf(definition.trace.branch), definition.trace.steps, [height, width]);
  const decode = async (latents: Float32Array): Promise<RgbImage> => (await pipeline.vaeDecoder.decode(float32(latents, latentShape)))[0];

  const timesteps: number[] = [];
  let latents: Float32Array = new Float32Array();
  for await (const state of sample(pipeline, model.denoiser(), { ...definition.sample, signal })) {
    const at = Date.now();
    const { step } = state;
    ({ latents } = state);
    timesteps.push(state.timestep);
    recorder.record(step, state.timestep, state.taps);
    let preview: Promise<Uint8Array> | undefined;
    if (recorded.has(step)) {
      preview = encodePng(height * width <= mostDecodedCells ? await decode(state.predOriginal) : await model.linearPreview(state.predOriginal, signal));
      pending.add(previewName(step), preview);
    }
    await onStep?.({ step, at, preview, codes: () => recorder.codesOf(step) });
  }
  pending.add('image.png', encodePng(await decode(latents)));

  const trace = recorder.finish();
  pending.add('trace.safetensors', encodeTrace(trace, { engine: engineVersion, model: definition.model, saes: JSON.stringify(definition.saes) }));
  pending.add('metrics.json', JSON.stringify(runMetrics(trace)));
  await pending.flushed();
  throwIfCancelled(signal);
  return pending.commit({
    format: 1, key, definition, sources: model.sources, timesteps, latents: [channels, height, width],
    previews: height * width <= mostDecodedCells ? 'vae' : 'linear',
    timings: {
      unetMs: model.unetMs - before.unetMs, sessionMs: model.sessionMs - before.sessionMs, totalMs: performance.now() - started,
    },
    versions: { 'dmi-lens': engineVersion, node: process.versions.node, platform: `${process.platform}-${process.arch}`, provider: model.provider },
    finishedAt: new Date().toISOString(),
  });
}

/** The recorded branches, in the order of the rows of the network. */
function branchesOf(branch: 'cond' | 'uncond' | 'both'): Branch[] {
  return branch === 'both' ? ['uncond', 'cond'] : [branch];
}
