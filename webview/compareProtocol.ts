import type { ControlName, ExperimentOutcome } from '../src/study/outcome.ts';
import type { PanelRun, PanelSite, PanelState } from './protocol.ts';

/** What stands beside the unedited run: the edit, or one draw of a control. */
export type Subject = { readonly role: 'edited' } | { readonly role: ControlName; readonly draw: number };

/** What there is of an experiment, before the pictures and traces of its runs are asked for. */
export interface CompareData {
  /** Name of the experiment; of a sweep's cell also its values. */
  readonly title: string;
  /** e.g. `house.dmi.json`; null where the spec is gone. */
  readonly specName: string | null;
  readonly outcome: Omit<ExperimentOutcome, 'format' | 'specFile' | 'name'> | null;
  readonly state: PanelState;
  /** The spec has changed since. */
  readonly stale: boolean;
  readonly canRun: boolean;
  readonly language: 'en' | 'ja';
}

/** The unedited run of a seed and another one, over the steps that both have recorded. */
export interface PairData {
  readonly seed: number;
  readonly subject: Subject;
  /** [columns]: recorded steps, ascending. */
  readonly steps: readonly number[];
  /** [columns]: diffusion time. */
  readonly t: readonly number[];
  /** Sites and branches that both traces hold. */
  readonly sites: readonly PanelSite[];
  /** null where it failed, or is not there any more. */
  readonly baseline: PanelRun | null;
  readonly other: PanelRun | null;
  /** Why one of them is missing; empty where none is. */
  readonly fault: string;
}

/** The runs of one seed while the experiment is carried out: their pictures, of steps that are done. */
export interface LivePair {
  readonly seed: number;
  /** Its place among the seeds, from 0, and how many there are. */
  readonly index: number;
  readonly seeds: number;
  readonly totalSteps: number;
  /** [columns]: recorded steps, ascending. */
  readonly steps: readonly number[];
  /** [columns]: diffusion time. */
  readonly t: readonly number[];
  /** Those in force, of the experiment as it is carried out. */
  readonly edits: ExperimentOutcome['edits'];
  /** [columns]: PNGs; null before their step. */
  readonly baseline: readonly (Uint8Array | null)[];
  readonly edited: readonly (Uint8Array | null)[];
  /** The draw of a control that is being made, or was the last one; null before the first. */
  readonly control: { readonly role: ControlName; readonly draw: number; readonly previews: readonly (Uint8Array | null)[] } | null;
}

export type ToCompare =
  | { readonly type: 'data'; readonly data: CompareData }
  | { readonly type: 'state'; readonly state: PanelState; readonly stale: boolean }
  | { readonly type: 'pair'; readonly pair: PairData }
  /** null: what is carried out has become the outcome. */
  | { readonly type: 'live'; readonly live: LivePair | null }
  /** Of the live pair. */
  | { readonly type: 'picture'; readonly seed: number; readonly run: 'baseline' | 'edited' | 'control'; readonly column: number; readonly preview: Uint8Array };

export type FromCompare =
  | { readonly type: 'ready' | 'run' | 'cancel' | 'openSpec' }
  | { readonly type: 'copy'; readonly text: string }
  /** Send the runs of a seed. */
  | { readonly type: 'pair'; readonly seed: number; readonly subject: Subject };
