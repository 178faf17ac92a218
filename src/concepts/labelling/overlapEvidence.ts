import type { CellBits } from './cellBits.ts';
import { minimumPictures, type Evidence, type ObservedSite } from './observedSite.ts';

/** How much of one another a mask and set `row` of `cells` cover. */
type Overlap = (mask: CellBits, cells: Uint32Array, row: number) => number;

/**
 * Labels whose masks the cells of strong concepts overlap.
 * @param steps rows of `strong`. @param threshold least mean overlap, over the pictures and steps in which a concept is strong, 0 without the label
 */
export function overlapEvidence({ n, strong, masks }: ObservedSite, steps: readonly number[], overlapOf: Overlap, threshold: number): Evidence[] {
  const labels = [...new Set(masks.flatMap((ofPicture) => [...ofPicture.keys()]))];
  const numbers = new Map(labels.map((label, number) => [label, number]));
  const width = labels.length;
  const times = new Uint32Array(n); // (picture, step) pairs in which a concept is strong
  const overlap = new Float64Array(n * width);
  const pictures = new Uint32Array(n * width);
  const lastPicture = new Int32Array(n * width).fill(-1);
  for (const [picture, ofPicture] of masks.entries()) {
    const present = [...ofPicture].map(([label, mask]) => [numbers.get(label) ?? 0, mask] as const);
    for (const step of steps) {
      const { ids, cells } = strong[step][picture];
      for (let row = 0; row < ids.length; row++) {
        times[ids[row]] += 1;
        for (const [label, mask] of present) {
          const at = ids[row] * width + label;
          overlap[at] += overlapOf(mask, cells, row);
          if (lastPicture[at] !== picture) pictures[at] += 1;
          lastPicture[at] = picture;
        }
      }
    }
  }
  const found: Evidence[] = [];
  for (const [number, label] of labels.entries()) {
    const of = masks.filter((ofPicture) => ofPicture.has(label)).length;
    for (let id = 0; id < n; id++) {
      const at = id * width + number;
      const score = overlap[at] / times[id];
      if (score > threshold && pictures[at] >= minimumPictures) found.push({ id, label, score, n: pictures[at], of });
    }
  }
  return found;
}
