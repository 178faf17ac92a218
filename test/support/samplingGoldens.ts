import * as Type from 'typebox';
import { checkShape } from '../../src/base/checkShape.ts';
import { readJsonFile } from '../../src/base/jsonFile.ts';
import { readSafetensors } from '../../src/base/safetensors.ts';
import { golden } from './scenes.ts';

const numbers = Type.Array(Type.Number());
const shape = Type.Object({
  modelHash: Type.String(),
  requests: Type.Array(Type.Object({
    prompt: Type.String(), negativePrompt: Type.String(), seed: Type.Number(), steps: Type.Number(), guidanceScale: Type.Number(),
  })),
  schedulers: Type.Record(Type.String(), Type.Object({ config: Type.Object({}), timesteps: Type.Record(Type.String(), numbers) })),
  tokens: Type.Object({ texts: Type.Array(Type.String()), ids: Type.Array(numbers), idsPaddedWithBang: Type.Array(numbers) }),
});

/** What `test/reference/sampling.py` wrote down. */
export async function samplingGoldens(): Promise<Type.Static<typeof shape>> {
  const file = golden('sampling.json');
  return checkShape(shape, await readJsonFile(file), file, 'Run python test/reference/sampling.py again.');
}

/** A float32 tensor of `sampling.safetensors`. */
export async function samplingTensor(name: string): Promise<Float32Array> {
  const { tensors } = await readSafetensors(golden('sampling.safetensors'));
  const data = tensors.get(name)?.data;
  if (!(data instanceof Float32Array)) throw new Error(`no float32 tensor ${name} in sampling.safetensors`);
  return data;
}

/** Largest absolute difference of two arrays of one length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
