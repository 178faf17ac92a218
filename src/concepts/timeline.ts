import { cellIou, cutMap } from './maps.ts';

/** A concept's course through one run; every mark is a step number, null where it does not exist. */
export interface Timeline {
  /** [steps]: γ, the spatial mean of z, raw units. */
  readonly gamma: Float32Array;
  /** [steps]: share of cells where z > 0. */
  readonly area: Float32Array;
  /** [steps]: centre of mass of z in image coordinates (x right, y down, [0, 1]); null where the concept is absent. */
  readonly centre: readonly (readonly [x: number, y: number] | null)[];
  /** First step with γ >= 10 % of its maximum. */
  readonly onset: number | null;
  /** Step of the greatest γ, the first one on a tie. */
  readonly peak: number | null;
  /** First step from which γ stays below 10 % of its maximum; null where that never happens. */
  readonly decay: number | null;
  /** First step from which the cut map keeps an IoU >= 0.5 with the last one; null where the concept is gone at the end. */
  readonly settle: number | null;
}

/** Share of its maximum from which γ counts as present (onset, decay). */
const presentShare = 0.1;
/** Overlap with the final map from which a concept's place counts as found. */
export const settledIou = 0.5;

/**
 * Measure a concept's maps over one run.
 * @param maps [steps, height * width] row-major, z >= 0
 * @param steps the step numbers the rows of `maps` belong to, ascending
 */
export function timelineOf(maps: Float32Array, height: number, width: number, steps: readonly number[]): Timeline {
  const cells = height * width;
  const gamma = new Float32Array(steps.length);
  const area = new Float32Array(steps.length);
  const centre: ([number, number] | null)[] = [];
  for (let row = 0; row < steps.length; row++) {
    let mass = 0;
    let active = 0;
    let x = 0;
    let y = 0;
    for (let cell = 0; cell < cells; cell++) {
      const z = maps[row * cells + cell];
      if (z <= 0) continue;
      mass += z;
      active += 1;
      x += z * ((cell % width) + 0.5);
      y += z * (Math.floor(cell / width) + 0.5);
    }
    gamma[row] = mass / cells;
    area[row] = active / cells;
    centre.push(mass > 0 ? [x / mass / width, y / mass / height] : null);
  }
  return { gamma, area, centre, ...marksOf(gamma, steps), settle: settleOf(maps, cells, steps) };
}

/** Onset, peak and decay of a strength over `steps`; all null where it is zero throughout. A panel asks for thousands of concepts at once, so it allocates nothing but the answer. */
export function marksOf(gamma: Float32Array, steps: readonly number[]): Pick<Timeline, 'onset' | 'peak' | 'decay'> {
  let peak = 0;
  for (let row = 1; row < gamma.length; row++) if (gamma[row] > gamma[peak]) peak = row;
  const present = presentShare * gamma[peak];
  if (!(present > 0)) return { onset: null, peak: null, decay: null };
  let onset = 0;
  while (gamma[onset] < present) onset += 1;
  let last = gamma.length - 1;
  while (gamma[last] < present) last -= 1;
  return { onset: steps[onset], peak: steps[peak], decay: steps.at(last + 1) ?? null };
}

function settleOf(maps: Float32Array, cells: number, steps: readonly number[]): number | null {
  const cut = (row: number): Uint8Array => cutMap(maps.subarray(row * cells, (row + 1) * cells));
  const final = cut(steps.length - 1);
  if (!final.includes(1)) return null;
  let settled = steps.length - 1;
  while (settled > 0 && cellIou(cut(settled - 1), final) >= settledIou) settled -= 1;
  return steps[settled];
}
