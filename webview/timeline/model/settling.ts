import { mapCut } from '../../../src/concepts/maps.ts';
import type { SiteTrace } from '../../../src/concepts/siteTrace.ts';
import { settledIou } from '../../../src/concepts/timeline.ts';

/** No column: the concept is gone at the end. */
export const unsettled = -1;

/**
 * Where every concept of a run settles, in one walk over its codes from the last column to the first; the same as `timelineOf(...).settle`
 * of each, which would look at every map of every concept. It pauses after each column.
 * @returns [n]: column from which the cut map keeps an IoU of 0.5 with the last one, or `unsettled`
 */
export function* settling(trace: SiteTrace): Generator<undefined, Int16Array, undefined> {
  const { n, height, width, k, steps, indices, values } = trace;
  const cells = height * width;
  const entries = cells * k;
  const settled = new Int16Array(n).fill(unsettled);
  const words = (cells + 31) >> 5;
  const final = new Int32Array(n * words); // a bit per concept and cell
  const finalSize = new Uint32Array(n);
  const open = new Uint8Array(n).fill(1); // still the same place, walking back
  const threshold = new Float64Array(n);
  const size = new Uint32Array(n);
  const shared = new Uint32Array(n);
  const last = steps.length - 1;
  for (let column = last; column >= 0; column--) {
    const from = column * entries;
    cutsOf(indices, values, from, entries, cells, threshold);
    size.fill(0);
    shared.fill(0);
    for (let entry = from; entry < from + entries; entry++) {
      const id = indices[entry];
      if (values[entry] <= 0 || values[entry] < threshold[id] || open[id] === 0) continue;
      const cell = Math.floor((entry - from) / k);
      const word = id * words + (cell >> 5);
      if (column === last) final[word] |= 1 << (cell & 31);
      else shared[id] += (final[word] >>> (cell & 31)) & 1;
      size[id] += 1;
    }
    if (column === last) finalSize.set(size);
    for (let id = 0; id < n; id++) {
      if (open[id] === 0) continue;
      const union = size[id] + finalSize[id] - shared[id];
      if (finalSize[id] > 0 && (column === last || shared[id] / union >= settledIou)) settled[id] = column;
      else open[id] = 0;
    }
    yield;
  }
  return settled;
}

/** The cuts of every concept's map in one column, as `cutMap` sets them: 0.1 of the way from its least to its greatest value. */
function cutsOf(indices: Int32Array, values: Float32Array, from: number, entries: number, cells: number, threshold: Float64Array): void {
  const n = threshold.length;
  const max = threshold.fill(0);
  const min = new Float64Array(n).fill(Infinity);
  const active = new Uint32Array(n);
  for (let entry = from; entry < from + entries; entry++) {
    const z = values[entry];
    if (z <= 0) continue;
    const id = indices[entry];
    active[id] += 1;
    if (z > max[id]) max[id] = z;
    if (z < min[id]) min[id] = z;
  }
  for (let id = 0; id < n; id++) {
    const least = active[id] === cells ? min[id] : 0; // where any cell lacks it, the least is 0
    threshold[id] = least + mapCut * (max[id] - least);
  }
}
