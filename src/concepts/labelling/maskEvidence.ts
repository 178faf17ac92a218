import { bitIou } from './cellBits.ts';
import { minimumPictures, type Evidence, type ObservedSite } from './observedSite.ts';

/** Mean IoU from which a concept bears a label (Tinaz et al. 2025, concept dictionary). */
export const labelIou = 0.5;

/**
 * Labels whose masks a concept's cells cover. The score is the mean IoU over all pictures and steps in which the concept is active, 0
 * where the label is not true: a concept that also lights up elsewhere loses by it, whereas one that means only some houses keeps `house`.
 * @param steps rows of `active`
 * @returns every concept and label with a mean IoU > 0.5 and enough pictures
 */
export function maskEvidence({ n, active, masks }: ObservedSite, steps: readonly number[]): Evidence[] {
  const labels = [...new Set(masks.flatMap((ofPicture) => [...ofPicture.keys()]))];
  const numbers = new Map(labels.map((label, number) => [label, number]));
  const width = labels.length;
  const times = new Uint32Array(n); // (picture, step) pairs in which a concept is active
  const overlap = new Float64Array(n * width);
  const pictures = new Uint32Array(n * width);
  const lastPicture = new Int32Array(n * width).fill(-1);
  for (const [picture, ofPicture] of masks.entries()) {
    const present = [...ofPicture].map(([label, mask]) => [numbers.get(label) ?? 0, mask] as const);
    for (const step of steps) {
      const { ids, cells } = active[step][picture];
      for (let row = 0; row < ids.length; row++) {
        times[ids[row]] += 1;
        for (const [label, mask] of present) {
          const at = ids[row] * width + label;
          overlap[at] += bitIou(mask, cells, row);
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
      if (score > labelIou && pictures[at] >= minimumPictures) found.push({ id, label, score, n: pictures[at], of });
    }
  }
  return found;
}
