import { join } from 'node:path';
import * as Type from 'typebox';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { hasShape } from '../base/checkShape.ts';
import { ensureFolder } from '../base/ensureFolder.ts';
import { InputError } from '../base/errors.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { float32 } from '../base/tensor.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import { TorchGenerator } from '../base/torchRandom.ts';
import { fitLatentToRgb } from './latentToRgb.ts';
import type { DecodedLatent, LatentToRgb } from './latentToRgb.ts';
import type { LatentShape } from './latentShape.ts';
import type { LoadedPipeline } from './loadPipeline.ts';

const row = Type.Array(Type.Number());
const cacheFile = Type.Object({
  format: Type.Literal(1),
  modelHash: Type.String(),
  weights: Type.Tuple([row, row, row]),
  r2: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]),
});

/**
 * Latents of smooth noise: patches of 4 x 4 cells, a third wider than real latents are. On 30 pictures of Scenes a map fitted to their decodes explains about 0.55 of the variance,
 * one fitted to those pictures themselves 0.70; these values were chosen by the same pictures.
 */
const fields = { count: 4, patch: 4, deviation: 1.3, side: 16 };

/**
 * The map for previews of a model, fitted to decodes of made-up latents, and kept in `cacheFolder` under the model's hash: no step of the U-Net is spent on it, and runs of a model can be
 * compared by their previews, since all have the same map.
 * @param cacheFolder made if missing; the model's own folder is never written to @throws CancelledError
 */
export async function previewMap(pipeline: LoadedPipeline, cacheFolder: string, signal?: AbortSignal): Promise<LatentToRgb> {
  const modelHash = await pipeline.folder.hash();
  const path = join(cacheFolder, `latent-to-rgb-${modelHash.slice(0, 16)}.json`);
  const kept = await readKept(path);
  if (kept?.modelHash === modelHash) return kept;
  const shape = fieldShape(pipeline.latentShape, pipeline.vaeDecoder.sides);
  const pairs: DecodedLatent[] = [];
  for (const latents of smoothLatents(shape)) {
    throwIfCancelled(signal);
    const [image] = await pipeline.vaeDecoder.decode(float32(latents, shape));
    pairs.push({ latents, image });
  }
  const map = fitLatentToRgb(pairs, shape);
  await ensureFolder(cacheFolder);
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

/** Small ones decode in a fraction of the time; an export of fixed sides leaves no choice. */
function fieldShape([, channels, height, width]: LatentShape, sides: readonly (number | string)[]): LatentShape {
  return sides.some((side) => typeof side === 'number' && side > 0)
    ? [1, channels, height, width]
    : [1, channels, Math.min(height, fields.side), Math.min(width, fields.side)];
}

/** Latents [channels, height, width]: normal values on a coarse grid, bilinear in between; as many cells in all for every shape, if more than one latent has. */
function smoothLatents([, channels, height, width]: LatentShape): Float32Array[] {
  const generator = new TorchGenerator(0);
  const [rows, columns] = [height, width].map((side) => Math.max(1, Math.round(side / fields.patch)));
  const count = Math.max(1, Math.round(fields.count * fields.side ** 2 / (height * width)));
  return Array.from({ length: count }, () => {
    const grid = generator.randn(channels * rows * columns);
    const latents = new Float32Array(channels * height * width);
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        const [top, bottom, down] = between(y, height, rows);
        for (let x = 0; x < width; x++) {
          const [left, right, across] = between(x, width, columns);
          const at = (r: number): number => {
            const start = (c * rows + r) * columns;
            return grid[start + left] * (1 - across) + grid[start + right] * across;
          };
          latents[(c * height + y) * width + x] = fields.deviation * (at(top) * (1 - down) + at(bottom) * down);
        }
      }
    }
    return latents;
  });
}

/** The two coarse places around the middle of a fine one, and how far it lies towards the second. */
function between(at: number, fine: number, coarse: number): [first: number, second: number, share: number] {
  const place = Math.min(Math.max((at + 0.5) * coarse / fine - 0.5, 0), coarse - 1);
  const first = Math.floor(place);
  return [first, Math.min(first + 1, coarse - 1), place - first];
}
