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
  /** [m]: share of all cells that it takes. */
  readonly area: Float32Array;
  /** [m, 2]: centre of the cells it takes, in image coordinates, x right and y down. */
  readonly centre: Float32Array;
}

/**
 * The concepts among the TopK codes of one picture at one step.
 * @param indices [cells, k] concept ids below n. @param values [cells, k] activations z
 */
export function activeConcepts(
  indices: ArrayLike<number | bigint>, values: Float32Array, n: number, height: number, width: number,
): ActiveConcepts {
  const cells = height * width;
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
  const area = new Float32Array(ids.length);
  const centre = new Float32Array(2 * ids.length);
  for (let entry = 0; entry < values.length; entry++) {
    const z = values[entry];
    if (!(z > 0)) continue;
    const id = Number(indices[entry]);
    const least = count[id] < cells ? 0 : min[id];
    if (z < least + mapCut * (max[id] - least)) continue;
    const row = rowOf[id];
    const cell = Math.floor(entry / k);
    taken[row * words + (cell >>> 5)] |= 1 << (cell & 31);
    area[row] += 1;
    centre[2 * row] += (cell % width) + 0.5;
    centre[2 * row + 1] += Math.floor(cell / width) + 0.5;
  }
  for (let row = 0; row < ids.length; row++) {
    centre[2 * row] /= area[row] * width;
    centre[2 * row + 1] /= area[row] * height;
    area[row] /= cells;
  }
  return { ids, gamma: Float32Array.from(ids, (id) => sum[id] / cells), peak: Float32Array.from(ids, (id) => max[id]), cells: taken, area, centre };
}

/** The cells that entry `row` takes. */
export function cellsOf({ ids, cells }: ActiveConcepts, row: number): CellBits {
  const words = cells.length / ids.length;
  return cells.subarray(row * words, (row + 1) * words);
}

/** A concept whose strongest cell stays below this share of its strongest cell in any picture counts as silent there. */
export const silentShare = 0.1;

/** Leave out, at one step, the pictures in which a concept is only a trace of itself. @param pictures the active concepts of each picture */
export function dropSilent(pictures: readonly ActiveConcepts[], n: number): ActiveConcepts[] {
  const strongest = new Float32Array(n);
  for (const { ids, peak } of pictures) {
    for (let row = 0; row < ids.length; row++) strongest[ids[row]] = Math.max(strongest[ids[row]], peak[row]);
  }
  return pictures.map((concepts) => takeRows(concepts, concepts.ids.map((_, row) => row)
    .filter((row) => concepts.peak[row] >= silentShare * strongest[concepts.ids[row]])));
}

function takeRows({ ids, gamma, peak, cells, area, centre }: ActiveConcepts, rows: Uint32Array): ActiveConcepts {
  const take = (values: Float32Array, each: number): Float32Array => Float32Array.from({ length: rows.length * each }, (_, at) => values[rows[Math.floor(at / each)] * each + at % each]);
  const words = ids.length === 0 ? 0 : cells.length / ids.length;
  const taken = new Uint32Array(rows.length * words);
  rows.forEach((row, at) => { taken.set(cells.subarray(row * words, (row + 1) * words), at * words); });
  return { ids: rows.map((row) => ids[row]), gamma: take(gamma, 1), peak: take(peak, 1), cells: taken, area: take(area, 1), centre: take(centre, 2) };
}
