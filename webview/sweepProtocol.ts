import type { SweepCell as MeasuredCell } from '../src/report/studies/sweepEffects.ts';
import type { SweepOutcome } from '../src/study/outcome.ts';
import type { PanelState } from './protocol.ts';

/** One variant of the experiment: what was measured, and what failed. */
export interface SweepCell extends MeasuredCell {
  /** Seeds whose edited run failed. */
  readonly failed: readonly number[];
}

/** What there is of a sweep, before its pictures are asked for. */
export interface SweepData {
  readonly title: string;
  /** The experiment that it varies. */
  readonly of: string;
  /** e.g. `house.dmi.json`; null where the spec is gone. */
  readonly specName: string | null;
  /** null: it has not run yet. */
  readonly sweep: {
    readonly prompt: string;
    readonly axes: SweepOutcome['axes'];
    readonly seeds: readonly number[];
    readonly cells: readonly SweepCell[];
    readonly cost: SweepOutcome['cost'];
  } | null;
  readonly state: PanelState;
  readonly stale: boolean;
  readonly canRun: boolean;
  readonly language: 'en' | 'ja';
}

export type ToSweep =
  | { readonly type: 'data'; readonly data: SweepData }
  | { readonly type: 'state'; readonly state: PanelState; readonly stale: boolean }
  /** The finished picture of a cell's edited run, or of the unedited one; null where there is none. */
  | { readonly type: 'picture'; readonly seed: number; readonly cell: number | null; readonly image: Uint8Array | null };

export type FromSweep =
  | { readonly type: 'ready' | 'run' | 'cancel' | 'openSpec' }
  /** Send the pictures of a seed. */
  | { readonly type: 'pictures'; readonly seed: number }
  /** Open the comparison of a cell. */
  | { readonly type: 'compare'; readonly cell: number; readonly seed: number };
