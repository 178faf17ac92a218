import type { Mask } from '../spec/areaAverage.ts';
import type { RunFault, RunStep } from './executeRun.ts';
import type { FinishedRun } from './experimentResult.ts';
import type { ModelLibrary } from './modelLibrary.ts';
import type { EditInputs } from './editInputs.ts';
import type { RunPlan } from './plan.ts';
import type { TracingModel } from './tracingModel.ts';

/** A step of one of the runs that have to be computed. */
export interface ExperimentStep extends RunStep {
  readonly plan: RunPlan;
  /** What the run is for; of equal runs, what the first one is for. */
  readonly role: string;
  /** Steps before this one are those of another run, and are not told. */
  readonly shared: number;
  /** U-Net calls made and to make; fewer than at the start where other processes computed runs in the meantime. */
  readonly done: number;
  readonly total: number;
  /** Estimated from the steps so far; null before there is one to go by. */
  readonly secondsLeft: number | null;
}

/** What became of a run. */
export type RunResult =
  | { readonly kind: 'finished'; readonly run: FinishedRun }
  /** It ended with NaN or infinity; nothing of it is stored. */
  | { readonly kind: 'failed'; readonly fault: RunFault };

/** A model in memory, for what is asked of it between runs. */
export interface ModelAtWork {
  readonly model: TracingModel;
  readonly inputs: EditInputs;
}

/** How runs come into being. */
export interface ExecuteOptions {
  readonly signal: AbortSignal;
  readonly models: ModelLibrary;
  /** Masks of the edits' regions, by the hash that definitions name. */
  readonly masks?: ReadonlyMap<string, Mask>;
  /** How many variants of one step go through the U-Net at once; left out: as many as are fastest, measured where there is enough to do. */
  readonly atOnce?: number;
  /** Told before the first step. @param calls U-Net calls to make */
  readonly onLoaded?: (calls: number) => void;
  /** Told after each step; where it returns a promise, the next step waits for it. */
  readonly onStep?: (step: ExperimentStep) => void | Promise<void>;
  /** Told when a run has been computed, by this process or another, and stands in its folder. */
  readonly onRunFinished?: (run: FinishedRun, role: string) => void | Promise<void>;
  /**
   * Told before the first run is computed and after each that has got its result: nothing is in the making then, and the next run waits for the promise.
   * Not told where everything is stored already.
   * @param results so far, by key
   */
  readonly onSettled?: (results: ReadonlyMap<string, RunResult>, atWork: ModelAtWork) => Promise<void>;
  /** Told when a run has ended without a result. */
  readonly onRunFailed?: (plan: RunPlan, fault: RunFault, role: string) => void | Promise<void>;
}
