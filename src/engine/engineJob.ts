import type { Disposable } from 'vscode-jsonrpc';
import type { Phrase } from '../base/phrase.ts';
import type { Job, JobState } from './job.ts';
import { Listeners } from './listeners.ts';
import type { JobPlan, JobTarget, PartAnswer, ProgressMessage, RunFinishedMessage, RunPicture, StepMessage } from './protocol.ts';

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
  readonly #drawn: Listeners<RunPicture>;
  readonly #finished: Listeners<string>;
  readonly #cancel: (job: EngineJob) => void;
  #state: JobState = { kind: 'queued' };
  #plan: JobPlan | undefined;
  #received: readonly StepMessage[] = [];
  #parts: readonly PartAnswer[] = [];
  #pictures: readonly RunPicture[] = [];
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
    this.#drawn = new Listeners(onError);
    this.#finished = new Listeners(onError);
  }

  get state(): JobState {
    return this.#state;
  }

  get plan(): JobPlan | undefined {
    return this.#plan;
  }

  get parts(): readonly PartAnswer[] {
    return this.#parts;
  }

  get received(): readonly StepMessage[] {
    return this.#received;
  }

  get pictures(): readonly RunPicture[] {
    return this.#pictures;
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

  onDidDraw(listener: (picture: RunPicture) => void): Disposable {
    return this.#drawn.add(listener);
  }

  onDidFinishRun(listener: (folder: string) => void): Disposable {
    return this.#finished.add(listener);
  }

  cancel(): void {
    this.#cancel(this);
  }

  setState(state: JobState): void {
    this.#state = state;
    this.#changed.fire(undefined);
  }

  /** Something before the first step takes a while. */
  load(what: Phrase): void {
    if (this.#state.kind === 'starting') this.setState({ kind: 'starting', what });
  }

  setPlan(plan: JobPlan): void {
    this.#plan = plan;
    this.#changed.fire(undefined);
  }

  addStep(message: StepMessage): void {
    this.#hear(message);
    this.#received = [...this.#received, message];
    this.#stepped.fire(message);
    const folder = this.#plan?.runs.find((run) => run.seed === message.seed)?.folder;
    if (folder !== undefined && message.preview !== undefined) this.#draw({ folder, step: message.step, preview: message.preview });
    if (this.#state.kind === 'cancelling' || this.ended) return;
    const { seed, step, done, total, secondsLeft } = message;
    this.setState({ kind: 'running', seed, step, steps: this.#plan?.totalSteps ?? step + 1, done, total, secondsLeft });
  }

  /** Something beyond the plain runs has come a step further. */
  progress(message: ProgressMessage): void {
    this.#hear(message);
    if (message.picture !== undefined) this.#draw(message.picture);
    if (this.#state.kind === 'cancelling' || this.ended) return;
    const { phase, role, seed = this.#plan?.runs[0]?.seed ?? 0, done, total, secondsLeft } = message;
    this.setState({ kind: 'running', seed, step: 0, steps: this.#plan?.totalSteps ?? 1, done, total, secondsLeft, part: { phase, role } });
  }

  /** A run stands in its folder now, as one computed before does; keeping its steps as well could fill the memory. */
  finishRun({ seed, folder }: RunFinishedMessage): void {
    if (this.#plan === undefined) return;
    this.#pictures = this.#pictures.filter((picture) => picture.folder !== folder);
    if (this.#plan.runs.some((run) => run.folder === folder)) {
      this.#received = this.#received.filter((step) => step.seed !== seed);
      this.setPlan({ ...this.#plan, runs: this.#plan.runs.map((run) => (run.folder === folder ? { ...run, cached: true } : run)) });
    }
    this.#finished.fire(folder);
  }

  #draw(picture: RunPicture): void {
    this.#pictures = [...this.#pictures, picture];
    this.#drawn.fire(picture);
  }

  /** Its outcome stands in its file, whatever becomes of the job. */
  finishPart(part: PartAnswer): void {
    this.#parts = [...this.#parts, part];
    this.#changed.fire(undefined);
  }

  #hear({ at }: { readonly at: number }): void {
    if (this.#heardAt !== undefined) this.#longestStepMs = Math.max(this.#longestStepMs, at - this.#heardAt);
    this.#heardAt = at;
  }
}
