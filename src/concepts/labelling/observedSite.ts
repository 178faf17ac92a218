import { areaAverage } from '../../spec/areaAverage.ts';
import type { ActiveConcepts } from './activeConcepts.ts';
import { packCells, type CellBits } from './cellBits.ts';

/** What the pictures showed at one site: the material that labels are found in. */
export interface ObservedSite {
  readonly site: string;
  readonly height: number;
  readonly width: number;
  /** Latents of the SAE. */
  readonly n: number;
  /** [steps][pictures]: who was active at all. */
  readonly active: readonly (readonly ActiveConcepts[])[];
  /** [steps][pictures]: who was strong. */
  readonly strong: readonly (readonly ActiveConcepts[])[];
  /** [pictures]: where labels are true, on the site's cells. */
  readonly masks: readonly ReadonlyMap<string, CellBits>[];
  /** [pictures]: words that are true of the whole picture. */
  readonly attributes: readonly ReadonlySet<string>[];
}

/** A finding: over some steps, a concept goes with a label. */
export interface Evidence {
  readonly id: number;
  readonly label: string;
  /** How well: the measure of the kind of label. */
  readonly score: number;
  /** Pictures in which the label is true and the concept strong (of an attribute: active) at one of the steps. */
  readonly n: number;
  /** Pictures in which the label is true. */
  readonly of: number;
}

/** Fewer pictures than this are no evidence. */
export const minimumPictures = 5;

/** A pixel mask on a site's cells: area-averaged and cut at one half. @returns undefined where nothing is left */
export function maskOnCells(mask: Uint8Array, pixelHeight: number, pixelWidth: number, height: number, width: number): CellBits | undefined {
  const covered = areaAverage({ height: pixelHeight, width: pixelWidth, data: Float32Array.from(mask) }, height, width);
  const cells = packCells(Uint8Array.from(covered, (share) => (share > 0.5 ? 1 : 0)));
  return cells.some((word) => word !== 0) ? cells : undefined;
}

/** γ of every concept in every picture, averaged over steps. @returns [n, pictures], 0 where a concept is not active */
export function meanGamma({ n, active }: ObservedSite, steps: readonly number[]): Float32Array {
  const count = active[0].length;
  const mean = new Float32Array(n * count);
  for (const step of steps) {
    for (let picture = 0; picture < count; picture++) {
      const { ids, gamma } = active[step][picture];
      for (let row = 0; row < ids.length; row++) mean[ids[row] * count + picture] += gamma[row] / steps.length;
    }
  }
  return mean;
}
