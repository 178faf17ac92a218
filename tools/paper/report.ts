import type { Table } from './table.ts';
import type { Verdict } from './verdict.ts';

/** Pictures under each other, with a name for every row and column. */
export interface PictureGrid {
  readonly title: string;
  readonly caption: string;
  readonly columns: readonly string[];
  /** PNG files; undefined where a run failed. */
  readonly rows: readonly { readonly name: string; readonly pictures: readonly (Uint8Array | undefined)[] }[];
}

/** One question of the study and what answers it. */
export interface Section {
  readonly title: string;
  readonly text: readonly string[];
  readonly verdicts: readonly Verdict[];
  readonly tables: readonly Table[];
  readonly grids: readonly PictureGrid[];
}

/** All that the study found, before anybody draws it. */
export interface PaperReport {
  readonly title: string;
  readonly intro: readonly string[];
  readonly sections: readonly Section[];
  /** Where it comes from: model, specs, cost. */
  readonly sources: readonly (readonly [name: string, value: string])[];
}
