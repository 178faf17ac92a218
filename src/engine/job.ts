import type { Disposable } from 'vscode-jsonrpc';
import type { Phrase } from '../base/phrase.ts';
import type { IdentifyParams, JobPlan, JobTarget, PartAnswer, PartTarget, ProgressMessage, RunAnswer, RunPicture, StepMessage, TrainedOn } from './protocol.ts';

/** Why a job failed, for people: what happened, where, and the next step. */
export interface JobFault {
  readonly message: string;
  readonly remedy: string;
  readonly file?: string;
  readonly place?: string;
}

export type JobState =
  /** Waits for other jobs. */
  | { readonly kind: 'queued' }
  /** The engine starts, or reads, tries and loads the model: what it is at, once it has said so. */
  | { readonly kind: 'starting'; readonly what?: Phrase }
  | {
    readonly kind: 'running'; readonly seed: number; readonly step: number; readonly steps: number; readonly done: number; readonly total: number; readonly secondsLeft: number | null;
    /** Of a part of the spec, once more than its plain runs is at work. */
    readonly part?: Pick<ProgressMessage, 'phase' | 'role'>;
  }
  | { readonly kind: 'cancelling' }
  | { readonly kind: 'done'; readonly answer: RunAnswer; readonly finishedAt: Date }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly fault: JobFault };

/** One spec being carried out. */
export interface Job {
  readonly id: string;
  /** Absolute path of the spec. */
  readonly file: string;
  /** The text that runs. */
  readonly text: string;
  /** What of it; undefined: the plain runs. */
  readonly target: JobTarget | undefined;
  readonly state: JobState;
  readonly plan: JobPlan | undefined;
  /**
   * The steps received so far of runs that are not finished, for a panel that opens late. Once a run is finished, the plan says so
   * (`cached`), and its steps are to be read from its folder.
   */
  readonly received: readonly StepMessage[];
  /** Experiments and sweeps whose outcomes have been written so far, as they were finished. */
  readonly parts: readonly PartAnswer[];
  /** The pictures received so far of runs that are not finished: plain ones, and the edited ones of experiments. */
  readonly pictures: readonly RunPicture[];
  /** The state or the plan has changed. */
  onDidChange(listener: () => void): Disposable;
  onDidStep(listener: (step: StepMessage) => void): Disposable;
  onDidDraw(listener: (picture: RunPicture) => void): Disposable;
  /** A plain run, or the edited run of an experiment, is complete in its folder. */
  onDidFinishRun(listener: (folder: string) => void): Disposable;
  /** Stop within a step, or take it out of the queue; what was finished stays. */
  cancel(): void;
}

/** Settings of the engine process, read anew whenever one starts. */
export interface EngineSettings {
  /** Bundle of the child, e.g. dist/engine.mjs. */
  readonly module: string;
  /** Another Node than this process'; undefined for the same. */
  readonly nodePath: string | undefined;
  /** Threads inside one operator; undefined for one per core. */
  readonly threads: number | undefined;
  /** What computes, as ONNX Runtime calls it, e.g. `cuda`; undefined for the CPU. */
  readonly provider: string | undefined;
  readonly memoryLimitMb: number;
  readonly idleMinutes: number;
  /** Runs of a spec's folder are pruned, oldest first, beyond this. */
  readonly cacheLimitMb: number;
}

/** Jobs of one window, carried out one after the other by one engine process. */
export interface JobQueue {
  /** All jobs since the window opened that have not been superseded, oldest first. */
  readonly jobs: readonly Job[];
  /** The last job of a spec's plain runs, or of one target of it. A part that was run with `all` is found by its own name. */
  jobOf(file: string, target?: JobTarget): Job | undefined;
  /** Every job of a spec, oldest first. */
  jobsOf(file: string): readonly Job[];
  /** Queue a spec; a job of the same spec and target that has not ended is returned in place of a second one when its text is the same, else cancelled first. */
  start(file: string, text: string, target?: JobTarget): Job;
  /** Something that people should see, in the language of the editor; it stands in the log, too. */
  onDidWarn(listener: (what: string) => void): Disposable;
  /** Any job's state has changed, or one was added. */
  onDidChange(listener: (job: Job) => void): Disposable;
  /** Write a report of stored runs. @throws JobFaultError */
  report(file: string, text: string, language: 'en' | 'ja'): Promise<string>;
  /** Find out what an SAE without a sidecar was trained on: the likeliest first. @throws JobFaultError, CancelledError */
  identifySae(params: IdentifyParams, signal: AbortSignal): Promise<readonly TrainedOn[]>;
  /** Cancel everything and wait for the process to be gone; the next job starts a new one. */
  restart(): Promise<void>;
  /** The engine process' number, while there is one. */
  readonly enginePid: number | undefined;
  /** Cancel everything and wait for the process to be gone. */
  dispose(): Promise<void>;
}

/** Whether two targets are the same. */
export function sameTarget(a: JobTarget | undefined, b: JobTarget | undefined): boolean {
  return a === b || (isPart(a) && isPart(b) && a.kind === b.kind && a.name === b.name);
}

function isPart(target: JobTarget | undefined): target is PartTarget {
  return typeof target === 'object';
}
