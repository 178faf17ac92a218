import type { ActiveConcepts } from './activeConcepts.ts';
import { packCells, type CellBits } from './cellBits.ts';

/** What the pictures showed at one site: the material that labels are found in. */
export interface ObservedSite {
  readonly site: string;
  readonly height: number;
  readonly width: number;
  /** Latents of the SAE. */
  readonly n: number;
  /** [steps][pictures]: who was active, silent concepts left out. */
  readonly active: readonly (readonly ActiveConcepts[])[];
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
  /** Pictures in which the label is true and the concept active at one of the steps. */
  readonly n: number;
  /** Pictures in which the label is true. */
  readonly of: number;
}

/** Fewer pictures than this are no evidence. */
export const minimumPictures = 5;

/** A pixel mask on a site's cells: averaged over the pixels whose centres lie in a cell, cut at one half. @returns undefined where nothing is left */
export function maskOnCells(mask: Uint8Array, pixelHeight: number, pixelWidth: number, height: number, width: number): CellBits | undefined {
  const inside = new Uint32Array(height * width);
  const all = new Uint32Array(height * width);
  for (let pixel = 0; pixel < mask.length; pixel++) {
    const row = Math.floor((Math.floor(pixel / pixelWidth) + 0.5) * height / pixelHeight);
    const column = Math.floor((pixel % pixelWidth + 0.5) * width / pixelWidth);
    inside[row * width + column] += mask[pixel];
    all[row * width + column] += 1;
  }
  const cells = packCells(Uint8Array.from(inside, (count, cell) => (2 * count > all[cell] ? 1 : 0)));
  return cells.some((word) => word !== 0) ? cells : undefined;
}

/** γ of every concept in every picture, averaged over steps. @returns [n, pictures], 0 where a concept is silent */
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
