import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as Type from 'typebox';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { hasShape } from '../base/checkShape.ts';
import { InputError } from '../base/errors.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { float32 } from '../base/tensor.ts';
import type { Denoiser } from './denoiser.ts';
import type { DecodedLatent, LatentToRgb } from './latentToRgb.ts';
import { fitLatentToRgb } from './latentToRgb.ts';
import type { LoadedPipeline } from './loadPipeline.ts';
import { sample } from './sample.ts';

const row = Type.Array(Type.Number());
const cacheFile = Type.Object({
  format: Type.Literal(1),
  modelHash: Type.String(),
  weights: Type.Tuple([row, row, row]),
  r2: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]),
});

/** Unprompted pictures that the map is fitted to: many different ones in few steps carry over to other prompts better than few in many. */
const fit = { seeds: Array.from({ length: 12 }, (_, seed) => seed), steps: 6, decodedSteps: [2, 5] };

/**
 * The map for previews of a model, fitted to predicted x0 of a few of its own pictures, and kept in `cacheFolder` under the model's hash.
 * @param denoiser asked only where nothing is kept yet. @param cacheFolder made if missing; the model's own folder is never written to
 */
export async function previewMap(pipeline: LoadedPipeline, denoiser: Denoiser, cacheFolder: string, signal?: AbortSignal): Promise<LatentToRgb> {
  const modelHash = await pipeline.folder.hash();
  const path = join(cacheFolder, `latent-to-rgb-${modelHash.slice(0, 16)}.json`);
  const kept = await readKept(path);
  if (kept?.modelHash === modelHash) return kept;
  const map = fitLatentToRgb(await decodedSamples(pipeline, denoiser, signal), pipeline.latentShape);
  await mkdir(cacheFolder, { recursive: true });
  await writeFileAtomic(path, `${JSON.stringify({ format: 1, modelHash, ...map }, undefined, 2)}\n`);
  return map;
}

/** What an earlier run kept; a file that is missing or damaged is as good as none, since it can be made again. */
async function readKept(path: string): Promise<Type.Static<typeof cacheFile> | undefined> {
  try {
    const value = await readJsonFile(path);
    return hasShape(cacheFile, value) ? value : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

async function decodedSamples(pipeline: LoadedPipeline, denoiser: Denoiser, signal: AbortSignal | undefined): Promise<DecodedLatent[]> {
  const pairs: DecodedLatent[] = [];
  for (const seed of fit.seeds) {
    const request = { prompt: '', negativePrompt: '', seed, steps: fit.steps, guidanceScale: 1, scheduler: 'ddim' as const };
    for await (const { step, predOriginal } of sample(pipeline, denoiser, signal === undefined ? request : { ...request, signal })) {
      if (!fit.decodedSteps.includes(step)) continue;
      const [image] = await pipeline.vaeDecoder.decode(float32(predOriginal, pipeline.latentShape));
      pairs.push({ latents: predOriginal, image });
    }
  }
  return pairs;
}
