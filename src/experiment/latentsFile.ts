import { join } from 'node:path';
import { readFileBytes, readRange, withFile } from '../base/fileBytes.ts';
import { phrase } from '../base/phrase.ts';
import { encodeSafetensors, parseSafetensors, readSafetensorsHeader } from '../base/safetensors.ts';
import { float32, sizeOf } from '../base/tensor.ts';
import type { StoredRun } from './runStore.ts';
import { damaged } from './traceFile.ts';

/** Where the latents of a run lie in its folder. */
export const latentsFile = 'latents.safetensors';

/** A row per step, [channels, height, width] each. */
interface LatentsOfRun {
  /** After each step; the last is what the VAE decodes. */
  readonly latents: readonly Float32Array[];
  /** The prediction that each step went by, guidance applied; none where the scheduler goes on from the latents alone. */
  readonly guided: readonly Float32Array[];
}

/**
 * The bytes of `latents.safetensors`: `latents` [steps, channels, height, width] float32, row s after step s, and `guided` of the same shape where there is any.
 * @param shape of a row: [channels, height, width]
 */
export function encodeLatents({ latents, guided }: LatentsOfRun, shape: readonly number[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const tensors = Object.entries({ latents, guided }).filter(([, rows]) => rows.length > 0).map(([name, rows]) => {
    const size = sizeOf(shape);
    const data = new Float32Array(rows.length * size);
    for (const [step, row] of rows.entries()) data.set(row, step * size);
    return [name, float32(data, [rows.length, ...shape])] as const;
  });
  return encodeSafetensors(new Map(tensors), { format: 'dmi-latents 1', ...metadata });
}

/** The latents of a stored run, and what its scheduler needs to go on: views. @throws InputError when the file is missing, damaged, or of another run */
export async function readLatents({ folder, manifest: { timesteps, latents: shape } }: Pick<StoredRun, 'folder' | 'manifest'>): Promise<LatentsOfRun> {
  const path = join(folder, latentsFile);
  const { tensors } = parseSafetensors(await readFileBytes(path), path);
  const size = sizeOf(shape);
  const rowsOf = (name: string): Float32Array[] => {
    const tensor = tensors.get(name);
    if (!(tensor?.data instanceof Float32Array) || tensor.shape.join() !== [timesteps.length, ...shape].join()) throw wrong(path, name);
    const { data } = tensor;
    return Array.from(timesteps, (_, step) => data.subarray(step * size, (step + 1) * size));
  };
  return { latents: rowsOf('latents'), guided: tensors.has('guided') ? rowsOf('guided') : [] };
}

/** The latents of a stored run after one step, [channels, height, width]: what the U-Net saw at the next. @throws InputError as `readLatents` */
export async function latentsAfter({ folder, manifest: { timesteps, latents: shape } }: Pick<StoredRun, 'folder' | 'manifest'>, step: number): Promise<Float32Array> {
  const path = join(folder, latentsFile);
  const location = (await readSafetensorsHeader(path)).layout.get('latents');
  const bytes = sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT;
  if (location?.dtype !== 'F32' || location.length !== timesteps.length * bytes || step < 0 || step >= timesteps.length) throw wrong(path, 'latents');
  return await withFile(path, async (handle) => new Float32Array((await readRange(handle, location.offset + step * bytes, bytes, path)).buffer));
}

function wrong(path: string, tensor: string): Error {
  return damaged(phrase`is missing or has the wrong type or size`, path, tensor);
}
