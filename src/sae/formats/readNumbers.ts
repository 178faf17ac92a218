import { InputError } from '../../base/errors.ts';
import { readRange, withFile } from '../../base/fileBytes.ts';
import { widenBfloat16, widenFloat16 } from '../../base/float16.ts';
import { phrase } from '../../base/phrase.ts';
import type { TensorLocation } from '../../base/safetensors.ts';
import { elementsOf } from '../../base/tensor.ts';

const readers = {
  F32: (bytes: Uint8Array) => elementsOf('float32', bytes),
  F64: (bytes: Uint8Array) => elementsOf('float64', bytes),
  F16: (bytes: Uint8Array) => widenFloat16(elementsOf('uint16', bytes) as Uint16Array),
  BF16: (bytes: Uint8Array) => widenBfloat16(elementsOf('uint16', bytes) as Uint16Array),
  I32: (bytes: Uint8Array) => elementsOf('int32', bytes),
  I64: (bytes: Uint8Array) => elementsOf('int64', bytes),
} as const;

/** The numbers of a small tensor in a file: a threshold, k. @throws InputError for other element types */
export async function readNumbers(file: string, { dtype, offset, length }: Pick<TensorLocation, 'dtype' | 'offset' | 'length'>): Promise<number[]> {
  if (!Object.hasOwn(readers, dtype)) throw new InputError(phrase`is of type ${dtype}`, { file, place: `byte ${offset}`, remedy: phrase`Save the SAE in float32.` });
  return Array.from(readers[dtype as keyof typeof readers](await withFile(file, (handle) => readRange(handle, offset, length, file))), Number);
}
