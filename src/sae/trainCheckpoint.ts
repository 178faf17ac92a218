import { rm, stat } from 'node:fs/promises';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { encodeSafetensors, readSafetensors } from '../base/safetensors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { TrainState } from './trainState.ts';

/** A training that was interrupted. */
export interface TrainCheckpoint {
  readonly state: TrainState;
  /** Steps taken. */
  readonly step: number;
  /** The scale of the activations it trains on. */
  readonly scale: number;
}

/** Write a checkpoint, replacing the one before as a whole. @param key hash of everything that decides the training */
export async function writeCheckpoint(file: string, key: string, { state, step, scale }: TrainCheckpoint): Promise<void> {
  await writeFileAtomic(file, encodeSafetensors(state, { key, step: String(step), scale: String(scale) }));
}

/** The checkpoint in `file`; undefined when there is none, or it belongs to another training. @throws InputError when it is damaged */
export async function readCheckpoint(file: string, key: string): Promise<TrainCheckpoint | undefined> {
  if (!await stat(file).then(() => true, () => false)) return undefined;
  const { tensors, metadata } = await readSafetensors(file);
  if (metadata.key !== key) return undefined;
  const state = Object.fromEntries([...tensors].map(([name, tensor]) => [name, tensor as Tensor<Float32Array>]));
  return { state, step: Number(metadata.step), scale: Number(metadata.scale) };
}

/** Remove the checkpoint of a finished training. */
export async function removeCheckpoint(file: string): Promise<void> {
  await rm(file, { force: true });
}
