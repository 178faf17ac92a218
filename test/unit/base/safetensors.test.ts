import { expect, test } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { encodeSafetensors, parseSafetensors } from '../../../src/base/safetensors.ts';
import { float32 } from '../../../src/base/tensor.ts';

const file = 'x.safetensors';

test('what is written reads back, in any mixture of types', () => {
  const bytes = encodeSafetensors({
    mask: { dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) },
    weights: float32(Float32Array.of(1.5, -2, 0, 4, 5, 6), [2, 3]),
    indices: { dtype: 'int64', shape: [1], data: BigInt64Array.of(-7n) },
    empty: float32(new Float32Array(0), [0, 5]),
  }, { format: 'pt' });
  const { tensors, metadata } = parseSafetensors(bytes, file);
  expect(metadata).toEqual({ format: 'pt' });
  expect(tensors.get('weights')).toEqual(float32(Float32Array.of(1.5, -2, 0, 4, 5, 6), [2, 3]));
  expect(tensors.get('indices')?.data).toEqual(BigInt64Array.of(-7n));
  expect(tensors.get('mask')?.data).toEqual(Uint8Array.of(1, 2, 3));
  expect(tensors.get('empty')?.shape).toEqual([0, 5]);
});
