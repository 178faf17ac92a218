import type { SiteEncoder, WeightLocation } from './siteEncoder.ts';

/** An SAE along whose concepts the update of its site can be edited. */
export interface SiteEditor extends SiteEncoder {
  /** [n, d]; row c is the direction f_c of concept c, of whatever length it was stored with. */
  readonly wDec: WeightLocation;
}

/** Cells that an edit finds for itself at every step: those where the sum of these concepts' activations, min-max normalised, reaches `above`. */
export interface FoundRegion {
  readonly concepts: readonly number[];
  /** In [0,1]; a row in which none of the concepts is active has no such cell. */
  readonly above: number;
  /** z outside, times this, is added there: −1 removes the concept. */
  readonly gainOutside: number;
  /** [cells]: cell i takes the place of cell order[i] after the region has been found. */
  readonly order?: Uint32Array;
}

/**
 * What one concept of one edit adds to a row: (gain · z + bias · u) · f, cell by cell, with z the concept's activation in the unedited update
 * and u the unit: 1 (raw), the length of all activations at the cell (norm), or that over its sum over the row's cells (share).
 */
export interface EditSlot {
  /** The concept whose activation is read. */
  readonly reads: number;
  /** The concept along whose direction is written; left out: the same. Where they differ, the row's sum gets, cell by cell, the length it would have had. */
  readonly writes?: number;
  /** [cells], row-major over the site's grid; left out: the activation is not read. */
  readonly gain?: Float32Array;
  /** [cells]; left out: 0. */
  readonly bias?: Float32Array;
  readonly unit: 'raw' | 'norm' | 'share';
  /** Where gain and bias hold; left out: everywhere, as they say which cell gets what. */
  readonly where?: FoundRegion;
}

/** The edits in force at one site in one step. Whoever makes them may hand in the same object at many steps: what is derived from it is kept. */
export interface SiteEdits {
  readonly site: string;
  /** One list for each row of the batch, empty where the row stays as it is. */
  readonly rows: readonly (readonly EditSlot[])[];
}
