/** What a recorded step of one run holds at one site, concept by concept. */
export interface ColumnSums {
  /** [n]: Σ z over the cells, in the order of the cells, so that γ agrees bit by bit with `timelineOf`. */
  readonly sums: Float64Array;
  /** [n]: cells where z > 0. */
  readonly counts: Uint32Array;
}

/**
 * One pass over a column's TopK codes gives γ of every concept of the SAE.
 * @param indices [columns, cells, k] flat @param values the same shape, z >= 0
 * @param entries codes in a column: cells · k
 */
export function sumColumn(indices: Int32Array, values: Float32Array, column: number, entries: number, n: number): ColumnSums {
  const sums = new Float64Array(n);
  const counts = new Uint32Array(n);
  for (let entry = column * entries; entry < (column + 1) * entries; entry++) {
    const z = values[entry];
    if (z <= 0) continue;
    sums[indices[entry]] += z;
    counts[indices[entry]] += 1;
  }
  return { sums, counts };
}
