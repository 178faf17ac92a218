import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { float32 } from '../../../src/base/tensor.ts';
import { batchCalls, fixedRows, joinRows, pickRows } from '../../../src/onnx/fixedBatch.ts';

describe('a network that takes so many rows and no other number', () => {
  it.each<[string, number, number | undefined, number[][] | undefined]>([
    ['any number of rows', 6, undefined, undefined],
    ['as many as there are', 2, 2, undefined],
    ['one of three', 3, 1, [[0], [1], [2]]],
    ['two, where there is one', 1, 2, [[0, 0]]],
    ['pairs of guidance', 6, 2, [[0, 3], [1, 4], [2, 5]]],
  ])('is asked with %s', (_, rows, fixed, calls) => {
    expect(batchCalls(rows, fixed, 'unet.onnx')).toEqual(calls);
  });

  it.each([[3, 2], [2, 4], [1, 3]])('is refused where %i rows do not go into %i', (rows, fixed) => {
    expect(() => batchCalls(rows, fixed, 'unet.onnx')).toThrow(InputError);
  });

  it('says so by its first dimension', () => {
    expect([['batch', 4], [2, 4], [0, 4], []].map((dims) => fixedRows({ name: 'x', dtype: 'float32', dims }))).toEqual([undefined, 2, undefined, undefined]);
  });
});

it('rows taken apart come together as they were', () => {
  const whole = float32(Float32Array.from({ length: 12 }, (_, at) => at), [4, 3]);
  const calls = batchCalls(4, 2, 'unet.onnx') ?? [];
  expect(joinRows(calls.map((call) => pickRows(whole, call)), calls)).toEqual(whole);
  const second = joinRows(calls.map((call) => pickRows(whole, call.slice(1))), calls.map(([, row]) => [row - 2]));
  expect(second).toEqual(float32(whole.data.slice(6), [2, 3]));
});
