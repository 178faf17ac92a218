import type { SiteTrace } from './siteTrace.ts';

/** Entries of a trace grouped by concept: those of concept c are `entries[starts[c] .. starts[c + 1])`, in order of step and cell. */
export interface ConceptIndex {
  /** [n + 1] */
  readonly starts: Uint32Array;
  /** Positions in the flat [steps, cells, k] arrays; codes that are not positive are left out. */
  readonly entries: Uint32Array;
}

/** Group a trace's codes by concept: one counting sort instead of a search per concept. */
export function indexConcepts({ indices, values, n }: SiteTrace): ConceptIndex {
  const starts = new Uint32Array(n + 1);
  for (let entry = 0; entry < indices.length; entry++) {
    if (values[entry] > 0) starts[indices[entry] + 1] += 1;
  }
  for (let concept = 0; concept < n; concept++) starts[concept + 1] += starts[concept];
  const next = starts.slice();
  const entries = new Uint32Array(starts[n]);
  for (let entry = 0; entry < indices.length; entry++) {
    if (values[entry] > 0) entries[next[indices[entry]]++] = entry;
  }
  return { starts, entries };
}

/** A concept's maps, z at every recorded step and cell. @returns [steps, cells] row-major, 0 where the concept is not among the TopK */
export function conceptMaps(trace: SiteTrace, index: ConceptIndex, concept: number): Float32Array {
  const maps = new Float32Array(trace.steps.length * trace.height * trace.width);
  for (let at = index.starts[concept]; at < index.starts[concept + 1]; at++) {
    const entry = index.entries[at];
    maps[Math.floor(entry / trace.k)] = trace.values[entry];
  }
  return maps;
}

/** Share of a map's min-max range above which a cell belongs to the concept (Tinaz et al. 2025, concept dictionary). */
export const mapCut = 0.1;

/**
 * The cells a concept takes: its map, min-max normalised, cut at 0.1 or where it is asked. A map that is the same everywhere takes every cell,
 * or none where it is zero.
 * @param above share of the range
 * @returns [cells], 1 where the concept is
 */
export function cutMap(map: Float32Array, above = mapCut): Uint8Array {
  let min = Infinity;
  let max = -Infinity;
  for (let cell = 0; cell < map.length; cell++) {
    if (map[cell] < min) min = map[cell];
    if (map[cell] > max) max = map[cell];
  }
  if (max <= 0) return new Uint8Array(map.length);
  const threshold = min + above * (max - min);
  const cut = new Uint8Array(map.length);
  for (let cell = 0; cell < map.length; cell++) cut[cell] = map[cell] >= threshold ? 1 : 0;
  return cut;
}

/** Intersection over union of two sets of cells. @returns 0 where both are empty */
export function cellIou(a: Uint8Array, b: Uint8Array): number {
  let intersection = 0;
  let union = 0;
  for (let cell = 0; cell < a.length; cell++) {
    intersection += a[cell] & b[cell];
    union += a[cell] | b[cell];
  }
  return union === 0 ? 0 : intersection / union;
}
