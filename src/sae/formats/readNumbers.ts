import { InputError } from '../../base/errors.ts';
import { readRange, withFile } from '../../base/fileBytes.ts';
import { phrase } from '../../base/phrase.ts';
import type { TensorLocation } from '../../base/safetensors.ts';
import { elementsOf } from '../../base/tensor.ts';

/** The numbers of a small tensor in a file: a threshold, k. @throws InputError for other element types */
export async function readNumbers(file: string, { dtype, offset, length }: Pick<TensorLocation, 'dtype' | 'offset' | 'length'>): Promise<number[]> {
  const type = ({ F32: 'float32', F64: 'float64', I32: 'int32', I64: 'int64' } as const)[dtype as 'F32'] as 'float32' | undefined;
  if (type === undefined) throw new InputError(phrase`is of type ${dtype}`, { file, place: `byte ${offset}`, remedy: phrase`Save the SAE in float32.` });
  const bytes = await withFile(file, (handle) => readRange(handle, offset, length, file));
  return Array.from(elementsOf(type, bytes), Number);
}
