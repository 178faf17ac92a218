/** A factor and what it multiplies; the product may be divided. */
export type Term = readonly [factor: number, values: Float32Array, divisor?: number];

/**
 * factor · values / divisor + ..., term by term from left to right, each operation rounded to float32 as in torch's eager arithmetic.
 * @param terms over arrays of one length. @returns a new array
 */
export function weightedSum(...terms: readonly Term[]): Float32Array {
  const [[, { length }]] = terms;
  const sum = new Float32Array(length);
  for (const [index, [given, values, divisor = 1]] of terms.entries()) {
    const [factor, by, first] = [Math.fround(given), Math.fround(divisor), index === 0];
    for (let i = 0; i < length; i++) {
      const product = Math.fround(Math.fround(factor * values[i]) / by);
      sum[i] = first ? product : sum[i] + product;
    }
  }
  return sum;
}

/** Every value divided, rounded to float32; in place. */
export function divide(values: Float32Array, divisor: number): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] /= divisor;
  return values;
}
