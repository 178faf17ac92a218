import type { Disposable } from 'vscode-jsonrpc';
import { InputError } from '../../base/errors.ts';
import type { Job, JobQueue } from '../../engine/job.ts';
import type { SeedRun } from '../../experiment/runsOfSpec.ts';
import type { StoredRun } from '../../experiment/runStore.ts';
import { parseSpec } from '../../spec/parseSpec.ts';
import type { Spec } from '../../spec/schema.ts';
import type { Translate } from '../translate.ts';
import { jobPanelState } from './jobPanelState.ts';
import { failed } from './panelMessages.ts';
import { questionKey } from './questionKey.ts';
import { mostRuns, shownOfJob, shownOfRuns } from './shown.ts';
import type { TimelineFeed } from './timelineFeed.ts';

/** What the timeline of a spec asks of its surroundings. */
export interface SpecSurroundings {
  /** Absolute path of the spec. */
  readonly file: string;
  readonly queue: Pick<JobQueue, 'jobOf' | 'onDidChange'>;
  /** The spec as it stands now; undefined while it has errors. */
  spec(): Spec | undefined;
  /** The stored runs of the spec as it stands now. */
  storedRuns(): Promise<readonly SeedRun[]>;
  find(folder: string): Promise<StoredRun>;
  /** What the model is called. */
  modelName(): Promise<string | undefined>;
  /** Folders of the runs that were shown last, over a reload. */
  readonly memory: { get(): readonly string[]; set(folders: readonly string[]): void };
  readonly t: Translate;
}

/** Feeds the panel of a spec: from its job while there is one since the window opened, else from its stored runs. */
export class SpecTimeline {
  readonly #around: SpecSurroundings;
  readonly #feed: TimelineFeed;
  readonly #queueSubscription: Disposable;
  #jobSubscriptions: Disposable[] = [];
  #job: Job | undefined;
  /** The job whose runs are shown; undefined: stored ones. */
  #shownJob: Job | undefined;
  #complete = new Set<number>();
  /** The question that what is shown answers; undefined where it answers none that is asked now. */
  #question: string | undefined;
  #empty = true;

  constructor(around: SpecSurroundings, feed: TimelineFeed) {
    this.#around = around;
    this.#feed = feed;
    this.#queueSubscription = around.queue.onDidChange((job) => {
      if (job.file === around.file && job !== this.#job) this.#follow(job);
    });
  }

  /** Fill the panel for the first time. */
  async start(): Promise<void> {
    const job = this.#around.queue.jobOf(this.#around.file);
    if (job?.plan === undefined) await this.#showStored();
    if (job !== undefined) this.#follow(job);
  }

  /** The spec's text has changed. */
  specChanged(): void {
    const stale = this.#isStale();
    if (stale !== this.#feed.frame.stale) this.#feed.update({ stale });
  }

  /** Runs beside the spec have come or gone: perhaps there are some for it now, computed elsewhere. */
  async runsChanged(): Promise<void> {
    if (this.#job === undefined && (this.#empty || this.#feed.frame.stale)) await this.#showStored();
  }

  dispose(): void {
    this.#queueSubscription.dispose();
    for (const subscription of this.#jobSubscriptions) subscription.dispose();
  }

  #follow(job: Job): void {
    for (const subscription of this.#jobSubscriptions) subscription.dispose();
    this.#job = job;
    this.#jobSubscriptions = [
      job.onDidChange(() => { this.#jobChanged(job); }),
      job.onDidStep((step) => { if (job === this.#shownJob) this.#feed.step(step); }),
    ];
    this.#jobChanged(job);
  }

  #jobChanged(job: Job): void {
    const { plan } = job;
    const state = jobPanelState(job, this.#around.t);
    if (plan !== undefined && job !== this.#shownJob) this.#showJob(job);
    else if (plan !== undefined) {
      for (const { seed, cached } of plan.runs) {
        if (!cached || this.#complete.has(seed)) continue;
        this.#complete.add(seed);
        this.#feed.finished(seed);
      }
      this.#feed.update({ state });
    } else this.#feed.update({ state });
    if (job.state.kind === 'done') this.#around.memory.set(job.state.answer.runs.slice(0, mostRuns).map(({ folder }) => folder));
  }

  #showJob(job: Job): void {
    this.#shownJob = job;
    this.#complete = new Set(job.plan?.runs.filter(({ cached }) => cached).map(({ seed }) => seed));
    const { spec } = parseSpec(job.text, job.file);
    this.#question = spec && questionKey(spec);
    this.#empty = false;
    this.#feed.show(() => job.plan && shownOfJob(job, job.plan, spec, this.#around.t), { state: jobPanelState(job, this.#around.t), stale: this.#isStale() });
  }

  async #showStored(): Promise<void> {
    const { t } = this.#around;
    try {
      const found = await this.#around.storedRuns();
      const current = found.flatMap(({ run }) => run?.folder ?? []);
      const folders = current.length > 0 ? current : this.#around.memory.get();
      const runs = await this.#findAll(folders);
      const spec = this.#around.spec();
      const modelName = await this.#around.modelName();
      if (this.#shownJob !== undefined) return; // a job was faster
      this.#question = spec !== undefined && found.length > 0 && current.length === found.length ? questionKey(spec) : undefined;
      this.#empty = runs.length === 0;
      if (runs.length === 0) {
        this.#feed.show(() => undefined, { state: { kind: 'empty' }, stale: false });
        return;
      }
      const shown = shownOfRuns(runs, t, {
        modelName, saes: found.find(({ run }) => run?.folder === runs[0].folder)?.saes, runsInAll: Math.max(runs.length, folders.length > mostRuns ? folders.length : 0),
      });
      this.#feed.show(() => shown, { state: storedState(runs), stale: this.#isStale() });
      this.#around.memory.set(runs.map(({ folder }) => folder));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#feed.show(() => undefined, { state: failed(error), stale: false });
    }
  }

  /** Those that are there still. */
  async #findAll(folders: readonly string[]): Promise<StoredRun[]> {
    const runs: StoredRun[] = [];
    for (const folder of folders.slice(0, mostRuns)) {
      try {
        runs.push(await this.#around.find(folder));
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      }
    }
    return runs;
  }

  /** As long as the spec has errors, what was known before them holds. */
  #isStale(): boolean {
    if (this.#empty) return false;
    const spec = this.#around.spec();
    return spec === undefined ? this.#feed.frame.stale : questionKey(spec) !== this.#question;
  }
}

/** How long stored runs took when they were made. */
export function storedState(runs: readonly StoredRun[]): { kind: 'done'; seconds: number; cached: boolean } {
  return { kind: 'done', seconds: runs.reduce((sum, { manifest }) => sum + manifest.timings.totalMs / 1000, 0), cached: false };
}
