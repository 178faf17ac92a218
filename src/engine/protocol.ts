import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { Phrase } from '../base/phrase.ts';
import type { SiteTrace } from '../concepts/siteTrace.ts';
import type { EditDefinition } from '../experiment/editDefinition.ts';
import type { TellKind } from '../experiment/tell.ts';
import type { ControlName } from '../study/outcome.ts';

/** A part of a spec that is more than its plain runs. */
export interface PartTarget {
  readonly kind: 'experiments' | 'sweeps';
  readonly name: string;
}

/** What of a spec is carried out beside its plain runs: one part, or every experiment and sweep. */
export type JobTarget = PartTarget | 'all';

/** A spec to carry out, as it stands in the editor. */
export interface RunParams {
  readonly job: string;
  /** Absolute path of the spec. */
  readonly file: string;
  /** Its text, saved or not. */
  readonly text: string;
  /** Left out: the plain runs alone. */
  readonly target?: JobTarget;
}

/** What an experiment, or one variant of a sweep, compares. */
export interface PlannedExperiment {
  /** Of a variant that of its sweep. */
  readonly name: string;
  /** Which variant of the sweep it is; absent of an experiment. */
  readonly cell?: number;
  /** Those in force. */
  readonly edits: readonly EditDefinition[];
  /** One per seed, in the order of the spec: folders of its unedited run, its edited one and those of its controls, stored already or not. */
  readonly pairs: readonly { readonly seed: number; readonly baseline: string; readonly edited: string; readonly controls: readonly PlannedControl[] }[];
}

/** One draw of a control, for one seed. */
export interface PlannedControl {
  readonly control: ControlName;
  readonly draw: number;
  readonly folder: string;
}

/** What a job will do, told once spec, model and SAEs have been read and the store has been asked; of a job with experiments once more when they have been planned. */
export interface JobPlan {
  readonly modelName: string;
  readonly prompt: string;
  /** Name of the sampler, as specs write it. */
  readonly scheduler: string;
  /** Steps of the whole generation. */
  readonly totalSteps: number;
  /** Recorded steps, ascending. */
  readonly steps: readonly number[];
  /** [steps]: diffusion time of each recorded step, 1 = noise. */
  readonly t: readonly number[];
  /** In the order of the spec; a cached run is complete in `folder`. The host marks those that the job finishes, too. */
  readonly runs: readonly { readonly seed: number; readonly folder: string; readonly cached: boolean }[];
  /** Folder of the SAE of each traced site. */
  readonly saes: Readonly<Record<string, string>>;
  /** Those that the job carries out, variants of sweeps too; none before they have been planned. */
  readonly experiments: readonly PlannedExperiment[];
}

/** One denoising step of one run. */
export interface StepMessage {
  readonly job: string;
  readonly seed: number;
  /** From 0. */
  readonly step: number;
  /** When its networks had finished, before its preview was made: milliseconds since the epoch. */
  readonly at: number;
  /** Steps done and to do, over all runs of the job that are computed. */
  readonly done: number;
  readonly total: number;
  /** Estimated from the steps so far; null before there is one to go by. */
  readonly secondsLeft: number | null;
  /** A PNG of the predicted image; absent where the step is not recorded. */
  readonly preview?: Uint8Array;
  /** Per site and branch the codes of this one step: a `SiteTrace` with a single entry in `steps`; none where the step is not recorded. */
  readonly codes: readonly SiteTrace[];
}

/** The predicted picture after one step of a run. */
export interface RunPicture {
  /** Where the run will lie. */
  readonly folder: string;
  /** From 0. */
  readonly step: number;
  /** A PNG. */
  readonly preview: Uint8Array;
}

/** How far a part has come where its steps are not told one by one: edited runs and controls, and what is measured on them. */
export interface ProgressMessage {
  readonly job: string;
  /** `runs` are computed; `looking`: each once more, at what edits did to Δ; `measuring`: experiments and variants. */
  readonly phase: 'runs' | 'looking' | 'measuring';
  /** What the run is for, e.g. `house-to-the-right: random-concept 2`; empty where it is nothing in particular. */
  readonly role: string;
  /** Of the run; absent where it is about none. */
  readonly seed?: number;
  /** U-Net calls, runs or experiments, as the phase has it. */
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number | null;
  /** When it was so: milliseconds since the epoch. */
  readonly at: number;
  /** Of an edited run or a control, at a recorded step. */
  readonly picture?: RunPicture;
}

/** What takes a while before the first step, or how providers do. */
export interface ToldMessage {
  readonly what: Phrase;
  readonly kind: TellKind;
}

/** What the engine process occupies. */
export interface MemoryMessage {
  /** Resident set size. */
  readonly bytes: number;
}

/** A plain run, an edited one or a control is complete in its folder. */
export interface RunFinishedMessage {
  readonly job: string;
  readonly seed: number;
  readonly folder: string;
}

/** What an experiment or a sweep came to, in short; the whole stands in its file. */
export interface PartAnswer extends PartTarget {
  /** `experiment.json` or `sweep.json`. */
  readonly file: string;
  /** The first measure; of a sweep none. */
  readonly headline?: { readonly measure: string; readonly value: number | null; readonly low: number | null; readonly high: number | null; readonly n: number };
  /** Bounds under `expect`, and those that did not hold. */
  readonly expected: number;
  readonly failed: number;
}

/** The outcome of an experiment or a sweep has been written; others of the job may still be in the making. */
export interface PartFinishedMessage {
  readonly job: string;
  readonly part: PartAnswer;
}

export interface RunAnswer {
  readonly runs: readonly { readonly seed: number; readonly folder: string; readonly cached: boolean }[];
  /** In the order of the spec, experiments first; none where only the plain runs were asked for. */
  readonly parts: readonly PartAnswer[];
  /** Milliseconds from request to answer. */
  readonly totalMs: number;
}

/** Why a request failed, as `data` of the response error. */
export interface EngineFault {
  readonly kind: 'input' | 'cancelled' | 'internal';
  readonly message: string;
  readonly file?: string;
  readonly place?: string;
  readonly remedy?: string;
  /** Message and remedy for translation. */
  readonly phrases?: { readonly message: Phrase; readonly remedy: Phrase };
}

/** Writes a report of a spec's stored runs. */
export interface ReportParams { readonly file: string; readonly text: string; readonly language: 'en' | 'ja' }

/** Asks what an SAE without a sidecar was trained on. */
export interface IdentifyParams {
  /** Of the SAE, and of the model. */
  readonly folder: string;
  readonly model: string;
}

/** An activation that an SAE may have been trained on. */
export interface TrainedOn {
  readonly site: string;
  readonly activation: 'update' | 'output' | 'input';
  readonly branch: 'cond' | 'uncond' | 'both';
  /** What is lost in rebuilding it; 1 is no better than the mean; infinite where nothing can be said. */
  readonly fvu: number;
  /** Whether it is rebuilt at all. */
  readonly plausible: boolean;
  /** The sidecar's text, should it be this one. */
  readonly sidecar: string;
}

export const runRequest = new RequestType<RunParams, RunAnswer, EngineFault>('run');
/** @returns path of report.html */
export const reportRequest = new RequestType<ReportParams, string, EngineFault>('report');
/** @returns the likeliest first */
export const identifyRequest = new RequestType<IdentifyParams, readonly TrainedOn[], EngineFault>('identify');
/** About the job under way. */
export const told = new NotificationType<ToldMessage>('told');
export const planned = new NotificationType<{ readonly job: string; readonly plan: JobPlan }>('planned');
export const stepped = new NotificationType<StepMessage>('stepped');
export const progressed = new NotificationType<ProgressMessage>('progressed');
export const runFinished = new NotificationType<RunFinishedMessage>('runFinished');
export const partFinished = new NotificationType<PartFinishedMessage>('partFinished');
/** Told with every step, for systems that do not tell of other processes. */
export const memoryUsed = new NotificationType<MemoryMessage>('memoryUsed');
