import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { sizeOf } from '../base/tensor.ts';
import type { Tensor, TensorData } from '../base/tensor.ts';
import type { ValueInfo } from './session.ts';

/** One call of a network: which row of the batch stands at each of its places. */
export type BatchCall = readonly number[];

/** How many rows an input always has; undefined where it takes any number. */
export function fixedRows({ dims: [rows] }: ValueInfo): number | undefined {
  return typeof rows === 'number' && rows > 0 ? rows : undefined;
}

/**
 * The calls that bring a batch through a network which takes one or two rows at a time. Two rows are a pair of guidance: row v of the first half, row v of the second.
 * @returns undefined where the batch goes through as it is. @throws InputError where a network takes another number
 */
export function batchCalls(rows: number, fixed: number | undefined, file: string): readonly BatchCall[] | undefined {
  if (fixed === undefined || fixed === rows) return undefined;
  if (fixed === 1) return Array.from({ length: rows }, (_, row) => [row]);
  if (fixed === 2 && rows === 1) return [[0, 0]];
  if (fixed === 2 && rows % 2 === 0) return Array.from({ length: rows / 2 }, (_, row) => [row, row + rows / 2]);
  throw new InputError(phrase`takes ${fixed} rows at a time, no more and no fewer; there are ${rows}`, {
    file, remedy: phrase`Export it with a dynamic batch axis, or for one or two rows.`,
  });
}

/** Some rows of a tensor, in the order asked for. */
export function pickRows<D extends TensorData>({ dtype, shape: [rows, ...shape], data }: Tensor<D>, picked: readonly number[]): Tensor<D> {
  const size = sizeOf(shape);
  const part = emptyLike(data, picked.length * size);
  if (picked.some(row => row >= rows)) throw new RangeError(`a batch of ${rows} rows has no row ${Math.max(...picked)}`);
  for (const [at, row] of picked.entries()) copy(data, row * size, part, at * size, size);
  return { dtype, shape: [picked.length, ...shape], data: part };
}

/** Put the answers of several calls together again. @param rowOf for each answer the row of the whole that each of its rows is; undefined: not wanted */
export function joinRows(answers: readonly Tensor[], rowOf: readonly (readonly (number | undefined)[])[]): Tensor {
  const [{ dtype, shape: [, ...shape], data }] = answers;
  const count = Math.max(...rowOf.flat().map(row => row ?? -1)) + 1;
  const size = sizeOf(shape);
  const whole = emptyLike(data, count * size);
  for (const [call, answer] of answers.entries()) {
    for (const [at, row] of rowOf[call].entries()) {
      if (row !== undefined) copy(answer.data, at * size, whole, row * size, size);
    }
  }
  return { dtype, shape: [count, ...shape], data: whole };
}

function emptyLike<D extends TensorData>(data: D, length: number): D {
  return new (data.constructor as new (length: number) => D)(length);
}

/** Both are of one kind, which the union of kinds does not tell. */
function copy(from: TensorData, start: number, to: TensorData, at: number, count: number): void {
  (to as Float32Array).set((from as Float32Array).subarray(start, start + count), at);
}
