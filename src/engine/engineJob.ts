import type { Disposable } from 'vscode-jsonrpc';
import type { Job, JobState } from './job.ts';
import { Listeners } from './listeners.ts';
import type { JobPlan, JobTarget, ProgressMessage, RunFinishedMessage, StepMessage } from './protocol.ts';

/** A job as its queue sees it: what the engine tells goes in here. */
export class EngineJob implements Job {
  readonly id: string;
  readonly file: string;
  readonly text: string;
  readonly target: JobTarget | undefined;
  /** Aborted when the job is to stop. */
  readonly stop = new AbortController();
  readonly #changed: Listeners<undefined>;
  readonly #stepped: Listeners<StepMessage>;
  readonly #cancel: (job: EngineJob) => void;
  #state: JobState = { kind: 'queued' };
  #plan: JobPlan | undefined;
  #received: readonly StepMessage[] = [];
  #longestStepMs = 0;
  /** When the engine was last heard of. */
  #heardAt: number | undefined;

  /** @param cancel how the queue stops it. @param onError told what a listener throws */
  constructor({ id, file, text, target }: Pick<Job, 'id' | 'file' | 'text' | 'target'>, cancel: (job: EngineJob) => void, onError: (error: unknown) => void) {
    this.id = id;
    this.file = file;
    this.text = text;
    this.target = target;
    this.#cancel = cancel;
    this.#changed = new Listeners(onError);
    this.#stepped = new Listeners(onError);
  }

  get state(): JobState {
    return this.#state;
  }

  get plan(): JobPlan | undefined {
    return this.#plan;
  }

  get received(): readonly StepMessage[] {
    return this.#received;
  }

  /** The greatest time between two steps, in milliseconds: how long an answer may take. */
  get longestStepMs(): number {
    return this.#longestStepMs;
  }

  get ended(): boolean {
    return ['done', 'cancelled', 'failed'].includes(this.#state.kind);
  }

  onDidChange(listener: () => void): Disposable {
    return this.#changed.add(listener);
  }

  onDidStep(listener: (step: StepMessage) => void): Disposable {
    return this.#stepped.add(listener);
  }

  cancel(): void {
    this.#cancel(this);
  }

  setState(state: JobState): void {
    this.#state = state;
    this.#changed.fire(undefined);
  }

  setPlan(plan: JobPlan): void {
    this.#plan = plan;
    this.#changed.fire(undefined);
  }

  addStep(message: StepMessage): void {
    this.#hear(message);
    this.#received = [...this.#received, message];
    this.#stepped.fire(message);
    if (this.#state.kind === 'cancelling' || this.ended) return;
    const { seed, step, done, total, secondsLeft } = message;
    this.setState({ kind: 'running', seed, step, steps: this.#plan?.totalSteps ?? step + 1, done, total, secondsLeft });
  }

  /** Something beyond the plain runs has come a step further. */
  progress(message: ProgressMessage): void {
    this.#hear(message);
    if (this.#state.kind === 'cancelling' || this.ended) return;
    const { phase, role, done, total, secondsLeft } = message;
    this.setState({ kind: 'running', seed: this.#plan?.runs[0]?.seed ?? 0, step: 0, steps: this.#plan?.totalSteps ?? 1, done, total, secondsLeft, part: { phase, role } });
  }

  /** A run stands in its folder now, as one computed before does; keeping its steps as well could fill the memory. */
  finishRun({ seed }: RunFinishedMessage): void {
    if (this.#plan === undefined) return;
    this.#received = this.#received.filter((step) => step.seed !== seed);
    this.setPlan({ ...this.#plan, runs: this.#plan.runs.map((run) => (run.seed === seed ? { ...run, cached: true } : run)) });
  }

  #hear({ at }: { readonly at: number }): void {
    if (this.#heardAt !== undefined) this.#longestStepMs = Math.max(this.#longestStepMs, at - this.#heardAt);
    this.#heardAt = at;
  }
}
