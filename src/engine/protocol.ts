import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { Phrase } from '../base/phrase.ts';
import type { SiteTrace } from '../concepts/siteTrace.ts';

/** A spec to carry out, as it stands in the editor. */
export interface RunParams {
  readonly job: string;
  /** Absolute path of the spec. */
  readonly file: string;
  /** Its text, saved or not. */
  readonly text: string;
}

/** What a job will do, told once spec, model and SAEs have been read and the store has been asked. */
export interface JobPlan {
  readonly modelName: string;
  readonly prompt: string;
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

/** What the engine process occupies. */
export interface MemoryMessage {
  /** Resident set size. */
  readonly bytes: number;
}

/** A run is complete in its folder. */
export interface RunFinishedMessage {
  readonly job: string;
  readonly seed: number;
  readonly folder: string;
}

export interface RunAnswer {
  readonly runs: readonly { readonly seed: number; readonly folder: string; readonly cached: boolean }[];
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

export const runRequest = new RequestType<RunParams, RunAnswer, EngineFault>('run');
/** @returns path of report.html */
export const reportRequest = new RequestType<ReportParams, string, EngineFault>('report');
export const planned = new NotificationType<{ readonly job: string; readonly plan: JobPlan }>('planned');
export const stepped = new NotificationType<StepMessage>('stepped');
export const runFinished = new NotificationType<RunFinishedMessage>('runFinished');
/** Told with every step, for systems that do not tell of other processes. */
export const memoryUsed = new NotificationType<MemoryMessage>('memoryUsed');
