import type { Denoiser } from '../../../src/diffusion/denoiser.ts';
import { Generation } from '../../../src/diffusion/generation.ts';
import type { GenerationRequest } from '../../../src/diffusion/generation.ts';
import { loadPipeline } from '../../../src/diffusion/loadPipeline.ts';
import type { LoadedPipeline } from '../../../src/diffusion/loadPipeline.ts';
import type { PipelineFolder } from '../../../src/diffusion/pipelineFolder.ts';
import { TracingModel } from '../../../src/experiment/tracingModel.ts';
import { TraceRecorder } from '../../../src/experiment/traceRecorder.ts';
import { float32 } from '../../../src/base/tensor.ts';
import type { Sae } from '../../../src/sae/sae.ts';
import type { Generated } from './peer.ts';

/** A pipeline of ours as a peer is asked. */
export interface Ours {
  generate(seed: number): Promise<Generated>;
  close(): Promise<void>;
}

type Request = Omit<GenerationRequest, 'seed'>;

/** Nothing traced. */
export async function untraced(folder: PipelineFolder, request: Request, threads: number): Promise<Ours> {
  const pipeline = await loadPipeline(folder, { threads });
  const denoiser = await pipeline.denoiser();
  return { generate: (seed) => generate(pipeline, denoiser, { ...request, seed }), close: () => pipeline.close() };
}

/** Every SAE traced, its codes kept. */
export async function traced(folder: PipelineFolder, saes: readonly Sae[], request: Request, threads: number, cacheFolder: string): Promise<Ours> {
  const model = await TracingModel.load(folder, saes, 'cond', cacheFolder, { threads });
  const [, , height, width] = model.pipeline.latentShape;
  return {
    generate: (seed) => generate(model.pipeline, model.denoiser(), { ...request, seed },
      new TraceRecorder(saes, ['cond'], Array.from({ length: request.steps }, (_, step) => step), [height, width])),
    close: () => model.close(),
  };
}

async function generate(pipeline: LoadedPipeline, denoiser: Denoiser, request: GenerationRequest, recorder?: TraceRecorder): Promise<Generated> {
  const generation = await Generation.begin(pipeline, request);
  const stepMs: number[] = [];
  while (!generation.done) {
    const start = performance.now();
    const { step, timestep } = generation;
    const prediction = await denoiser.predict(generation.input(), timestep, generation.conditioning);
    recorder?.record(step, timestep, prediction.taps);
    generation.accept(prediction);
    stepMs.push(performance.now() - start);
  }
  const { latents } = generation.snapshot();
  await pipeline.vaeDecoder.decode(float32(latents, pipeline.latentShape));
  return { stepMs, latents: [...latents.subarray(0, 16)] };
}
