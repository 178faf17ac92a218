import { cutMap } from '../maps.ts';
import { packCells, wordsFor, type CellBits } from './cellBits.ts';

/** The concepts that are active in one picture at one step; small enough to keep for hundreds of pictures. */
export interface ActiveConcepts {
  /** [m] */
  readonly ids: Uint32Array;
  /** [m]: γ, the spatial mean of z. */
  readonly gamma: Float32Array;
  /** [m]: greatest z of any cell. */
  readonly peak: Float32Array;
  /** [m, words]: cut maps, the cells each concept takes. */
  readonly cells: Uint32Array;
}

/**
 * The concepts among the TopK codes of one picture at one step.
 * @param indices [cells, k] concept ids. @param values [cells, k] activations z
 */
export function activeConcepts(indices: ArrayLike<number | bigint>, values: Float32Array, cells: number): ActiveConcepts {
  const k = values.length / cells;
  const maps = new Map<number, Float32Array>();
  for (let entry = 0; entry < values.length; entry++) {
    if (!(values[entry] > 0)) continue;
    const id = Number(indices[entry]);
    let map = maps.get(id);
    if (map === undefined) maps.set(id, map = new Float32Array(cells));
    map[Math.floor(entry / k)] = values[entry];
  }
  const all = [...maps.values()];
  const packed = new Uint32Array(all.length * wordsFor(cells));
  all.forEach((map, row) => { packed.set(packCells(cutMap(map)), row * wordsFor(cells)); });
  return {
    ids: Uint32Array.from(maps.keys()),
    gamma: Float32Array.from(all, (map) => map.reduce((sum, z) => sum + z, 0) / cells),
    peak: Float32Array.from(all, (map) => map.reduce((max, z) => Math.max(max, z), 0)),
    cells: packed,
  };
}

/** The cells that entry `row` takes. */
export function cellsOf({ ids, cells }: ActiveConcepts, row: number): CellBits {
  const words = cells.length / ids.length;
  return cells.subarray(row * words, (row + 1) * words);
}

/** A concept whose strongest cell stays below this share of its strongest cell in any picture counts as silent there. */
export const silentShare = 0.1;

/** Leave out, at one step, the pictures in which a concept is only a trace of itself. @param pictures the active concepts of each picture */
export function dropSilent(pictures: readonly ActiveConcepts[]): ActiveConcepts[] {
  const strongest = new Map<number, number>();
  for (const { ids, peak } of pictures) {
    ids.forEach((id, row) => { strongest.set(id, Math.max(peak[row], strongest.get(id) ?? 0)); });
  }
  return pictures.map((concepts) => {
    const { ids, gamma, peak } = concepts;
    const rows = Array.from(ids.keys()).filter((row) => peak[row] >= silentShare * (strongest.get(ids[row]) ?? 0));
    return {
      ids: Uint32Array.from(rows, (row) => ids[row]),
      gamma: Float32Array.from(rows, (row) => gamma[row]),
      peak: Float32Array.from(rows, (row) => peak[row]),
      cells: Uint32Array.from(rows.flatMap((row) => [...cellsOf(concepts, row)])),
    };
  });
}
