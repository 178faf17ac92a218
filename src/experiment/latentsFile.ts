import { join } from 'node:path';
import { readFileBytes, readRange, withFile } from '../base/fileBytes.ts';
import { phrase } from '../base/phrase.ts';
import { encodeSafetensors, parseSafetensors, readSafetensorsHeader } from '../base/safetensors.ts';
import { float32, sizeOf } from '../base/tensor.ts';
import type { StoredRun } from './runStore.ts';
import { damaged } from './traceFile.ts';

/** Where the latents of a run lie in its folder. */
export const latentsFile = 'latents.safetensors';

/** Name of the one tensor in it. */
const tensorName = 'latents';

/**
 * The bytes of `latents.safetensors`: `latents` [steps, channels, height, width] float32, row s after step s; the last is what the VAE decodes.
 * @param rows of every step, in order. @param shape of one: [channels, height, width]
 */
export function encodeLatents(rows: readonly Float32Array[], shape: readonly number[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const size = sizeOf(shape);
  const data = new Float32Array(rows.length * size);
  for (const [step, row] of rows.entries()) data.set(row, step * size);
  return encodeSafetensors(new Map([[tensorName, float32(data, [rows.length, ...shape])]]), { format: 'dmi-latents 1', ...metadata });
}

/** The latents of a stored run after each step, views [channels, height, width]. @throws InputError when the file is missing, damaged, or of another run */
export async function readLatents({ folder, manifest: { definition: { sample }, latents: shape } }: StoredRun): Promise<Float32Array[]> {
  const path = join(folder, latentsFile);
  const tensor = parseSafetensors(await readFileBytes(path), path).tensors.get(tensorName);
  const size = sizeOf(shape);
  if (!(tensor?.data instanceof Float32Array) || tensor.shape.join() !== [sample.steps, ...shape].join()) throw wrong(path);
  const { data } = tensor;
  return Array.from({ length: sample.steps }, (_, step) => data.subarray(step * size, (step + 1) * size));
}

/** The latents of a stored run after one step, [channels, height, width]: what the U-Net saw at the next. @throws InputError as `readLatents` */
export async function latentsAfter({ folder, manifest: { definition: { sample }, latents: shape } }: StoredRun, step: number): Promise<Float32Array> {
  const path = join(folder, latentsFile);
  const location = (await readSafetensorsHeader(path)).layout.get(tensorName);
  const bytes = sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT;
  if (location?.dtype !== 'F32' || location.length !== sample.steps * bytes || step < 0 || step >= sample.steps) throw wrong(path);
  return await withFile(path, async (handle) => new Float32Array((await readRange(handle, location.offset + step * bytes, bytes, path)).buffer));
}

function wrong(path: string): Error {
  return damaged(phrase`is missing or has the wrong type or size`, path, tensorName);
}
