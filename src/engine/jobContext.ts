import type { FinishedRun } from '../experiment/experimentResult.ts';
import type { ModelLibrary } from '../experiment/modelLibrary.ts';
import type { JobPlan, PartAnswer, PartFinishedMessage, ProgressMessage, RunFinishedMessage, StepMessage } from './protocol.ts';

/** What a job needs, and whom it tells of its progress. */
export interface JobContext {
  readonly signal: AbortSignal;
  readonly models: ModelLibrary;
  /** Runs beside the spec are removed, oldest first, beyond this. */
  readonly cacheLimitBytes: number;
  readonly planned: (plan: JobPlan) => Promise<void>;
  /** The next step waits until the message has left: a picture is seen while it is new, and messages do not pile up. */
  readonly stepped: (step: StepMessage) => Promise<void>;
  /** As `stepped`, for what is told without pictures. */
  readonly progressed: (progress: ProgressMessage) => Promise<void>;
  readonly runFinished: (run: RunFinishedMessage) => Promise<void>;
  readonly partFinished: (part: PartFinishedMessage) => Promise<void>;
}

/** What a job came to: the plain runs, every run that it used, and its parts. */
export interface JobResult {
  readonly runs: readonly FinishedRun[];
  readonly all: readonly FinishedRun[];
  readonly parts: readonly PartAnswer[];
}
