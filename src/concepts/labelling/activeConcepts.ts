import { mapCut } from '../maps.ts';
import { wordsFor, type CellBits } from './cellBits.ts';

/** The concepts that are active in one picture at one step; small enough to keep for hundreds of pictures. */
export interface ActiveConcepts {
  /** [m] */
  readonly ids: Uint32Array;
  /** [m]: γ, the spatial mean of z. */
  readonly gamma: Float32Array;
  /** [m]: greatest z of any cell. */
  readonly peak: Float32Array;
  /** [m, words]: cut maps, the cells each concept takes (as `cutMap`). */
  readonly cells: Uint32Array;
}

/**
 * The concepts among the TopK codes of one picture at one step.
 * @param indices [cells, k] concept ids below n. @param values [cells, k] activations z
 */
export function activeConcepts(indices: ArrayLike<number | bigint>, values: Float32Array, n: number, cells: number): ActiveConcepts {
  const k = values.length / cells;
  const [max, min, sum] = [new Float32Array(n), new Float32Array(n).fill(Infinity), new Float64Array(n)];
  const count = new Uint32Array(n);
  for (let entry = 0; entry < values.length; entry++) {
    const z = values[entry];
    if (!(z > 0)) continue;
    const id = Number(indices[entry]);
    max[id] = Math.max(max[id], z);
    min[id] = Math.min(min[id], z);
    sum[id] += z;
    count[id] += 1;
  }

  const ids = Uint32Array.from(count.keys()).filter((id) => count[id] > 0);
  const rowOf = new Uint32Array(n);
  ids.forEach((id, row) => { rowOf[id] = row; });
  const words = wordsFor(cells);
  const taken = new Uint32Array(ids.length * words);
  for (let entry = 0; entry < values.length; entry++) {
    const z = values[entry];
    if (!(z > 0)) continue;
    const id = Number(indices[entry]);
    const least = count[id] < cells ? 0 : min[id];
    if (z < least + mapCut * (max[id] - least)) continue;
    const cell = Math.floor(entry / k);
    taken[rowOf[id] * words + (cell >>> 5)] |= 1 << (cell & 31);
  }
  return { ids, gamma: Float32Array.from(ids, (id) => sum[id] / cells), peak: Float32Array.from(ids, (id) => max[id]), cells: taken };
}

/** The cells that entry `row` takes. */
export function cellsOf({ ids, cells }: ActiveConcepts, row: number): CellBits {
  const words = cells.length / ids.length;
  return cells.subarray(row * words, (row + 1) * words);
}

/** Share of its strongest cell, over all pictures at a step, that a concept must reach somewhere in a picture to be strong there. */
export const strongShare = 0.5;

/** Keep, at one step, the concepts that are strong in a picture: what one means shows there, not in its traces. @param pictures the active concepts of each picture */
export function keepStrong(pictures: readonly ActiveConcepts[], n: number): ActiveConcepts[] {
  const strongest = new Float32Array(n);
  for (const { ids, peak } of pictures) {
    for (let row = 0; row < ids.length; row++) strongest[ids[row]] = Math.max(strongest[ids[row]], peak[row]);
  }
  return pictures.map((concepts) => takeRows(concepts, concepts.ids.map((_, row) => row)
    .filter((row) => concepts.peak[row] >= strongShare * strongest[concepts.ids[row]])));
}

function takeRows({ ids, gamma, peak, cells }: ActiveConcepts, rows: Uint32Array): ActiveConcepts {
  const words = ids.length === 0 ? 0 : cells.length / ids.length;
  const taken = new Uint32Array(rows.length * words);
  rows.forEach((row, at) => { taken.set(cells.subarray(row * words, (row + 1) * words), at * words); });
  return { ids: rows.map((row) => ids[row]), gamma: Float32Array.from(rows, (row) => gamma[row]), peak: Float32Array.from(rows, (row) => peak[row]), cells: taken };
}
