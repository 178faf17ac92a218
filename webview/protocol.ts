import type { SiteTrace } from '../src/concepts/siteTrace.ts';
import type { Region, Window } from '../src/spec/schema.ts';

/** A site and branch that the panel shows, over one SAE. */
export interface PanelSite extends Omit<SiteTrace, 'steps' | 'indices' | 'values'> {
  /** Best label by concept number. */
  readonly labels: Readonly<Record<number, string>>;
  /** [n]: mean activation where active, the unit of strength; 0 where training never saw it. */
  readonly typical: Float32Array;
  readonly contextFree: readonly number[];
}

/**
 * One run, complete or filling. Arrays have room for every recorded step; those of columns not yet filled are 0. Where a run is still to be filled they
 * have no length, and its columns follow as `step` messages, in any order and perhaps twice.
 */
export interface PanelRun {
  readonly seed: number;
  /** What tells this run from its neighbours, e.g. `seed 0`. */
  readonly title: string;
  /** Where it lies, once complete. */
  readonly folder: string | null;
  /** [columns]: PNGs of the predicted image. */
  readonly previews: readonly (Uint8Array | null)[];
  /** [columns] */
  readonly filled: readonly boolean[];
  /** The finished picture. */
  readonly image: Uint8Array | null;
  /** One per site of `PanelData.sites`, each [columns, cells, k]; empty until the columns come. */
  readonly codes: readonly { readonly indices: Int32Array; readonly values: Float32Array }[];
}

export type PanelState =
  | { readonly kind: 'empty' }
  /** What takes a while; absent before anything has been said. */
  | { readonly kind: 'loading'; readonly what?: string }
  | {
    readonly kind: 'running'; readonly seed: number; readonly step: number; readonly done: number; readonly total: number; readonly secondsLeft: number | null;
    /** Of an experiment or a sweep, beyond its unedited runs: what is counted, and what the run is for. */
    readonly part?: { readonly phase: 'runs' | 'looking' | 'measuring'; readonly role: string };
  }
  | { readonly kind: 'done'; readonly seconds: number; readonly cached: boolean }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string; readonly remedy: string; readonly place: string };

/** Everything a panel needs to draw; sent whole, and replaced whole. */
export interface PanelData {
  /** The prompt. */
  readonly title: string;
  /** e.g. `house.dmi.json`; null for a run without a spec. */
  readonly specName: string | null;
  readonly modelName: string;
  readonly sampler: string;
  readonly totalSteps: number;
  /** [columns]: recorded steps, ascending. */
  readonly steps: readonly number[];
  /** [columns]: diffusion time. */
  readonly t: readonly number[];
  readonly sites: readonly PanelSite[];
  readonly runs: readonly PanelRun[];
  /** How many runs there are, also those that are too many to stand side by side. */
  readonly runsInAll: number;
  readonly state: PanelState;
  /** The spec has changed since. */
  readonly stale: boolean;
  /** An edit can be written into a spec. */
  readonly canInsert: boolean;
  /** The workspace is trusted: runs can be started. */
  readonly canRun: boolean;
  /** Texts and numbers. */
  readonly language: 'en' | 'ja';
}

/** An edit as the panel draws it; `painted` is a picture painted by hand, one byte a pixel, 255 inside, at most 1024 a side. */
export interface DrawnEdit {
  readonly site: string;
  readonly concept: number;
  readonly add: number;
  readonly during: Window;
  readonly where: Exclude<Region, string | { mask: string }> | 'everywhere' | { readonly painted: { readonly width: number; readonly height: number; readonly data: Uint8Array } };
}

export type ToPanel =
  | { readonly type: 'data'; readonly data: PanelData }
  | { readonly type: 'step'; readonly run: number; readonly column: number; readonly preview: Uint8Array | null;
      readonly codes: readonly { readonly indices: Int32Array; readonly values: Float32Array }[] }
  | { readonly type: 'image'; readonly run: number; readonly folder: string; readonly image: Uint8Array }
  | { readonly type: 'state'; readonly state: PanelState; readonly stale: boolean }
  /** The cursor of the spec stands on this. */
  | { readonly type: 'reveal'; readonly site: string | null; readonly concepts: readonly number[]; readonly columns: readonly [from: number, to: number] | null };

export type FromPanel =
  | { readonly type: 'ready' }
  | { readonly type: 'run' }
  | { readonly type: 'cancel' }
  | { readonly type: 'openSpec' }
  | { readonly type: 'compare' }
  | { readonly type: 'report' }
  | { readonly type: 'copy'; readonly text: string }
  /** The chosen row, so that the spec can show where it is named. */
  | { readonly type: 'select'; readonly site: string; readonly concept: number; readonly step: number }
  | { readonly type: 'insertEdit'; readonly edit: DrawnEdit };

/** What a panel keeps over a reload, besides what it shows of: `acquireVsCodeApi().setState`. The host reads `source` to fill it again. */
export interface PanelMemory {
  /** What to show again: a spec's uri or run folders' uris. Set by the host through `data-source` on the body. */
  readonly source: string;
  readonly view: unknown;
}
