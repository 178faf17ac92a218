import { minimumPictures, type Evidence, type ObservedSite } from './observedSite.ts';

/** Share of the times a concept is active that its centre must lie in one place. */
export const placeShare = 0.9;
/** A concept that takes more of the picture than this is in no place. */
export const largestArea = 0.5;
/** A place is one of nine: it takes more pictures than a label to be sure that it is no accident. */
export const minimumForPlace = 2 * minimumPictures;

const rows = ['top', '', 'bottom'];
const columns = ['left', '', 'right'];

/**
 * Places that a concept keeps to, whatever the picture: the thirds of the picture, `top left`, `top`, ... `centre`. The score is the share of
 * the pictures and steps in which the concept is active with its centre in that third.
 * @param steps rows of `active`
 * @returns every concept with a share >= 0.9 and enough pictures
 */
export function placeEvidence({ n, active }: ObservedSite, steps: readonly number[]): Evidence[] {
  const times = new Uint32Array(n);
  const inPlace = new Uint32Array(n * 9);
  const pictures = Array.from({ length: n }, () => new Set<number>());
  for (const step of steps) {
    for (const [picture, { ids, area, centre }] of active[step].entries()) {
      for (let row = 0; row < ids.length; row++) {
        const id = ids[row];
        times[id] += 1;
        pictures[id].add(picture);
        if (area[row] > largestArea) continue;
        inPlace[id * 9 + Math.floor(3 * centre[2 * row + 1]) * 3 + Math.floor(3 * centre[2 * row])] += 1;
      }
    }
  }
  const found: Evidence[] = [];
  for (let id = 0; id < n; id++) {
    for (let place = 0; place < 9; place++) {
      const score = inPlace[id * 9 + place] / times[id];
      const label = `${rows[Math.floor(place / 3)]} ${columns[place % 3]}`.trim() || 'centre';
      if (score >= placeShare && pictures[id].size >= minimumForPlace) {
        found.push({ id, label, score, n: pictures[id].size, of: active[0].length });
      }
    }
  }
  return found;
}
