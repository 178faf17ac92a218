import type { Disposable } from 'vscode-jsonrpc';
import type { Job } from '../../engine/job.ts';
import type { PlannedControl, PlannedExperiment, RunPicture } from '../../engine/protocol.ts';
import type { LivePair, ToCompare } from '../../../webview/compareProtocol.ts';

type Strip = (Uint8Array | null)[];
type LiveRun = 'baseline' | 'edited' | 'control';

/** What the live pair of a panel needs. */
interface LiveParts {
  /** Name of the experiment, or of the sweep that it is a variant of. */
  readonly name: string;
  readonly cell?: number | undefined;
  /** Predicted pictures of a stored run, one for each of the steps; undefined where it is not stored. */
  readonly previewsOf: (folder: string, steps: readonly number[]) => Promise<Strip | undefined>;
  readonly post: (message: ToCompare) => void;
  readonly onError: (error: unknown) => void;
}

/** The runs of the seed that a job works at, for a panel - unedited, edited, and one draw of a control at a time -: their strips fill step by step. */
export class LivePairs {
  readonly #parts: LiveParts;
  #job: Job | undefined;
  #subscriptions: Disposable[] = [];
  #experiment: PlannedExperiment | undefined;
  /** Place of the pair that is shown. */
  #index = 0;
  /** The draw that is shown; undefined before the first one is made. */
  #control: PlannedControl | undefined;
  #controlIsDone = false;
  #strips: Record<LiveRun, Strip> = { baseline: [], edited: [], control: [] };
  /** Counts the pairs that were shown. */
  #turn = 0;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** Show what a job does from now on; the same job again changes nothing. */
  follow(job: Job): void {
    if (job === this.#job) return;
    this.#leave();
    this.#job = job;
    this.#subscriptions = [
      job.onDidChange(() => { this.#begin(); }),
      job.onDidDraw((picture) => { this.#draw(picture); }),
      job.onDidFinishRun((folder) => { this.#finish(folder); }),
    ];
    this.#begin();
  }

  /** What the job did has become the outcome. It is not followed any more. */
  end(): void {
    const shown = this.#experiment !== undefined;
    this.#leave();
    if (shown) this.#parts.post({ type: 'live', live: null });
  }

  /** Tell a panel that knows nothing. */
  resend(): void {
    const live = this.#pair();
    if (live !== undefined) this.#parts.post({ type: 'live', live });
  }

  dispose(): void {
    this.#leave();
  }

  #leave(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#subscriptions = [];
    this.#experiment = undefined;
    this.#turn += 1;
  }

  /** Show the first pair, once the job tells which runs there are. */
  #begin(): void {
    const experiment = this.#job?.plan?.experiments.find(({ name, cell }) => name === this.#parts.name && cell === this.#parts.cell);
    if (this.#experiment !== undefined || experiment === undefined || experiment.pairs.length === 0) return;
    this.#experiment = experiment;
    const pictures = this.#job?.pictures ?? [];
    this.#show(Math.max(0, experiment.pairs.findIndex(({ baseline, edited }) => pictures.some(({ folder }) => folder === baseline || folder === edited))));
  }

  /** Show a pair. @param control the draw beside it; undefined: none yet */
  #show(index: number, control?: PlannedControl): void {
    const pair = this.#experiment?.pairs.at(index);
    if (pair === undefined) return;
    this.#index = index;
    this.#control = control;
    this.#controlIsDone = false;
    this.#strips = { baseline: this.#received(pair.baseline), edited: this.#received(pair.edited), control: control === undefined ? [] : this.#received(control.folder) };
    this.#turn += 1;
    this.resend();
    for (const run of ['baseline', 'edited'] as const) this.#fill(run, pair[run]);
  }

  /** What the job has of a run. */
  #received(run: string): Strip {
    const { plan, pictures = [] } = this.#job ?? {};
    return (plan?.steps ?? []).map((step) => pictures.find((picture) => picture.folder === run && picture.step === step)?.preview ?? null);
  }

  #draw({ folder, step, preview }: RunPicture): void {
    const pairs = this.#experiment?.pairs ?? [];
    const index = pairs.findIndex(({ baseline, edited, controls }) => folder === baseline || folder === edited || controls.some((control) => control.folder === folder));
    const column = this.#job?.plan?.steps.indexOf(step) ?? -1;
    if (index < 0 || column < 0) return;
    const { seed, baseline, controls } = pairs[index];
    const control = controls.find((one) => one.folder === folder);
    if (index !== this.#index) {
      this.#show(index, control); // with this picture: the job has it
      return;
    }
    if (control !== undefined && control.folder !== this.#control?.folder) {
      this.#showControl(control);
      return;
    }
    const run = folder === baseline ? 'baseline' : control === undefined ? 'edited' : 'control';
    this.#strips[run][column] = preview;
    this.#parts.post({ type: 'picture', seed, run, column, preview });
    if (run === 'baseline' && this.#isShared(column)) this.#parts.post({ type: 'picture', seed, run: 'edited', column, preview });
  }

  /** The next draw has its turn when the one shown is done: draws of a batch come a step each. */
  #showControl(control: PlannedControl): void {
    if (this.#control !== undefined && !this.#controlIsDone) return;
    this.#control = control;
    this.#controlIsDone = false;
    this.#strips.control = this.#received(control.folder);
    this.resend();
  }

  #finish(folder: string): void {
    const pair = this.#experiment?.pairs.at(this.#index);
    for (const run of ['baseline', 'edited'] as const) if (pair?.[run] === folder) this.#fill(run, folder);
    if (this.#control?.folder !== folder) return;
    this.#controlIsDone = true;
    this.#fill('control', folder);
  }

  /** Add the pictures of a stored run: of one that was there before, and of steps that it shares with other runs, which are not told. */
  #fill(run: LiveRun, folder: string): void {
    const turn = this.#turn;
    const strip = this.#strips[run];
    this.#parts.previewsOf(folder, this.#job?.plan?.steps ?? []).then((previews) => {
      const missing = (previews ?? []).flatMap((preview, column) => (strip[column] === null && preview !== null ? [column] : []));
      if (turn !== this.#turn || missing.length === 0) return;
      for (const column of missing) strip[column] = previews?.[column] ?? null;
      this.resend();
    }).catch(this.#parts.onError);
  }

  /** No edit has been in force up to this column: both runs are one. */
  #isShared(column: number): boolean {
    const step = this.#job?.plan?.steps.at(column) ?? Infinity;
    return (this.#experiment?.edits ?? []).every(({ steps }) => step < Math.min(...steps));
  }

  #pair(): LivePair | undefined {
    const plan = this.#job?.plan;
    const experiment = this.#experiment;
    if (plan === undefined || experiment === undefined) return undefined;
    const { baseline, edited, control } = this.#strips;
    const begun = (strip: Strip): Strip => strip.map((picture, column) => picture ?? (this.#isShared(column) ? baseline[column] : null));
    return {
      seed: experiment.pairs[this.#index].seed, index: this.#index, seeds: experiment.pairs.length, totalSteps: plan.totalSteps, steps: plan.steps, t: plan.t, edits: [...experiment.edits],
      baseline: [...baseline], edited: begun(edited), control: this.#control === undefined ? null : { role: this.#control.control, draw: this.#control.draw, previews: begun(control) },
    };
  }
}
