import { beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobState } from '../../../../src/engine/job.ts';
import type { JobPlan, StepMessage } from '../../../../src/engine/protocol.ts';
import { findRun, readRunContent } from '../../../../src/editor/timeline/runContent.ts';
import { SpecTimeline } from '../../../../src/editor/timeline/specTimeline.ts';
import { TimelineFeed } from '../../../../src/editor/timeline/timelineFeed.ts';
import type { SeedRun } from '../../../../src/experiment/runsOfSpec.ts';
import type { StoredRun } from '../../../../src/experiment/runStore.ts';
import { encodeTrace } from '../../../../src/experiment/traceFile.ts';
import { parseSpec } from '../../../../src/spec/parseSpec.ts';
import type { ToPanel } from '../../../../webview/protocol.ts';
import { fakePng } from '../../../support/fakePng.ts';
import { fakeSiteTrace } from '../../../support/fakeTrace.ts';
import { specWith } from '../../../support/specs.ts';
import { storeRun } from '../../../support/storedRuns.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

const t = (message: string, ...values: unknown[]): string => message.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)]));
const file = '/ws/house.dmi.json';
const steps = [0, 1, 2];
const text = JSON.stringify(specWith({ sample: { prompt: 'a house', steps: 3, seeds: [0, 1] } }));

let folder: string;
beforeEach(async () => { folder = await temporaryFolder(); });

async function store(seed: number): Promise<StoredRun> {
  return await storeRun(folder, { seed, files: { 'image.png': fakePng(255), 'trace.safetensors': encodeTrace({ steps, timesteps: Float32Array.of(999, 998, 997), sites: [fakeSiteTrace(steps, { run: seed })] }, {}) } });
}

class FakeJob implements Job {
  readonly id = 'job';
  readonly file = file;
  readonly text = text;
  readonly target = undefined;
  state: JobState = { kind: 'queued' };
  plan: JobPlan | undefined;
  received: readonly StepMessage[] = [];
  readonly pictures = [];
  readonly parts = [];
  readonly #changed = new Set<() => void>();
  readonly #stepped = new Set<(step: StepMessage) => void>();

  onDidChange(listener: () => void) {
    this.#changed.add(listener);
    return { dispose: () => { this.#changed.delete(listener); } };
  }

  onDidStep(listener: (step: StepMessage) => void) {
    this.#stepped.add(listener);
    return { dispose: () => { this.#stepped.delete(listener); } };
  }

  onDidDraw() {
    return { dispose: () => undefined };
  }

  onDidFinishRun() {
    return { dispose: () => undefined };
  }

  cancel(): void {
    this.set({ kind: 'cancelled' });
  }

  set(state: JobState): void {
    this.state = state;
    for (const listener of this.#changed) listener();
  }

  setPlan(cached: readonly boolean[], folders: readonly string[]): void {
    this.plan = {
      modelName: 'scenes', prompt: 'a house', scheduler: 'ddim', totalSteps: 3, steps, t: [0.999, 0.998, 0.997],
      runs: folders.map((where, seed) => ({ seed, folder: where, cached: cached[seed] })), saes: { 'mid_block.attentions.0': '/saes/mid' }, experiments: [],
    };
    for (const listener of this.#changed) listener();
  }

  step(seed: number, step: number): void {
    const { site, branch, height, width, d, n, k, indices, values } = fakeSiteTrace([step], { run: seed });
    const message: StepMessage = {
      job: this.id, seed, step, at: 0, done: step + 1, total: 6, secondsLeft: null, preview: Uint8Array.of(step),
      codes: [{ site, branch, height, width, d, n, k, steps: [step], indices, values }],
    };
    this.received = [...this.received, message];
    for (const listener of this.#stepped) listener(message);
    this.set({ kind: 'running', seed, step, steps: 3, done: step + 1, total: 6, secondsLeft: null });
  }
}

/** A spec's timeline without an editor around it. */
function open({ runs = [], jobs = [], remembered = [] }: { runs?: SeedRun[]; jobs?: FakeJob[]; remembered?: string[] } = {}) {
  const sent: ToPanel[] = [];
  const errors: unknown[] = [];
  const feed = new TimelineFeed({
    post: (message) => { sent.push(message); return Promise.resolve(true); },
    reader: {
      find: (where) => findRun(where, t), content: (run) => readRunContent(run, t),
      names: ({ n }) => Promise.resolve({ labels: {}, typical: new Float32Array(n), contextFree: [] }),
    },
    frame: { specName: 'house.dmi.json', state: { kind: 'loading' }, stale: false, canInsert: true, canRun: true, language: 'en' },
    onError: (error) => { errors.push(error); },
  });
  const listeners = new Set<(job: Job) => void>();
  const now = { text };
  const memory = [...remembered];
  const timeline = new SpecTimeline({
    file, t,
    queue: {
      jobOf: () => jobs.at(-1),
      onDidChange: (listener: (job: Job) => void) => { listeners.add(listener); return { dispose: () => { listeners.delete(listener); } }; },
    },
    spec: () => parseSpec(now.text, file).spec,
    storedRuns: () => Promise.resolve(runs), find: (where: string) => findRun(where, t), modelName: () => Promise.resolve('scenes'),
    memory: { get: () => memory, set: (folders: readonly string[]) => { memory.splice(0, memory.length, ...folders); } },
  }, feed);
  return {
    feed, timeline, sent, errors, memory,
    begin: (job: FakeJob) => { for (const listener of listeners) listener(job); },
    edit: (changed: string) => { now.text = changed; timeline.specChanged(); },
    types: () => sent.map(({ type }) => type),
  };
}

const seedRun = ({ folder: where, manifest: { key, definition, sources, timings, finishedAt } }: StoredRun): SeedRun => ({
  seed: definition.sample.seed, run: { kind: 'finished', folder: where, question: '', key, definition, sources, timings, finishedAt: new Date(finishedAt), bytes: 0 },
});

describe('the panel of a spec that has not run since the window opened', () => {
  it('shows its stored runs once it is ready, and all of them again when it was hidden', async () => {
    const runs = [await store(0), await store(1)];
    const { feed, timeline, sent, errors, memory } = open({ runs: runs.map(seedRun) });
    await timeline.start();
    await feed.settled;
    expect(sent).toEqual([]); // it has not said that it is there
    feed.wake();
    await feed.settled;
    expect(sent).toMatchObject([{ type: 'data', data: { title: 'a house', state: { kind: 'done', seconds: 8.2 }, stale: false, runs: [{ seed: 0, filled: [true, true, true] }, { seed: 1 }] } }]);
    feed.sleep();
    timeline.specChanged();
    feed.update({ stale: true });
    expect(sent).toHaveLength(1);
    feed.wake();
    await feed.settled;
    expect(sent.at(-1)).toMatchObject({ type: 'data', data: { stale: true } });
    expect(errors).toEqual([]);
    expect(memory).toEqual(runs.map((run) => run.folder));
  });

  it('is empty where nothing has run', async () => {
    const { feed, timeline, sent } = open({ runs: [{ seed: 0, run: undefined }, { seed: 1, run: undefined }] });
    await timeline.start();
    feed.wake();
    await feed.settled;
    expect(sent).toMatchObject([{ type: 'data', data: { runs: [], state: { kind: 'empty' }, stale: false } }]);
  });

  it('fills when runs of it are made elsewhere', async () => {
    const runs: SeedRun[] = [{ seed: 0, run: undefined }, { seed: 1, run: undefined }];
    const { feed, timeline, sent } = open({ runs });
    feed.wake();
    await timeline.start();
    runs.splice(0, 2, seedRun(await store(0)), seedRun(await store(1)));
    await timeline.runsChanged();
    await feed.settled;
    expect(sent.at(-1)).toMatchObject({ type: 'data', data: { runs: [{ seed: 0 }, { seed: 1 }], stale: false, state: { kind: 'done' } } });
    const count = sent.length;
    await timeline.runsChanged(); // nothing is missing now
    await feed.settled;
    expect(sent).toHaveLength(count);
  });

  it('is stale while the spec asks something else, and not while it cannot be read', async () => {
    const { feed, timeline, sent, edit } = open({ runs: [seedRun(await store(0)), seedRun(await store(1))] });
    feed.wake();
    await timeline.start();
    await feed.settled;
    const before = sent.length;
    edit(text.replace('a house', 'a tree'));
    edit(text.replace('a house', 'a tree').slice(0, -1));
    edit(text.replace('"a house"', '"a house", "guidanceScale": 5'));
    expect(sent.slice(before)).toMatchObject([{ type: 'state', stale: true }, { type: 'state', stale: false }]);
  });

  it('shows what it showed last, as stale, where the spec has changed over a reload; and a part where a seed is missing', async () => {
    const run = await store(0);
    const changed = open({ runs: [{ seed: 0, run: undefined }], remembered: [run.folder, '/gone'] });
    changed.feed.wake();
    await changed.timeline.start();
    await changed.feed.settled;
    expect(changed.sent.at(-1)).toMatchObject({ type: 'data', data: { stale: true, runs: [{ seed: 0 }] } });
    const part = open({ runs: [seedRun(run), { seed: 1, run: undefined }] });
    part.feed.wake();
    await part.timeline.start();
    await part.feed.settled;
    expect(part.sent.at(-1)).toMatchObject({ type: 'data', data: { stale: true, runs: [{ seed: 0 }] } });
  });
});

describe('the panel of a spec that runs', () => {
  it('stands empty until the plan, then fills step by step, then has its pictures', async () => {
    const folders = [await store(0), await store(1)].map((run) => run.folder);
    const { feed, timeline, sent, errors, begin, types, memory } = open();
    feed.wake();
    await timeline.start();
    await feed.settled;
    const job = new FakeJob();
    begin(job);
    expect(sent.at(-1)).toMatchObject({ type: 'state', state: { kind: 'loading' } });
    job.setPlan([false, false], folders);
    await feed.settled;
    expect(sent.at(-1)).toMatchObject({ type: 'data', data: { title: 'a house', sampler: 'ddim 3 · cfg 5', sites: [], runs: [{ folder: null, filled: [false, false, false] }, { seed: 1 }] } });

    job.step(0, 0); // tells the shape of the sites
    await feed.settled;
    expect(types().slice(-2)).toEqual(['data', 'step']);
    expect(sent.at(-2)).toMatchObject({ data: { state: { kind: 'running', done: 1 }, sites: [{ height: 2, width: 3, n: 11 }], runs: [{ codes: [{ indices: new Int32Array() }] }, {}] } });
    expect(sent.at(-1)).toMatchObject({ type: 'step', run: 0, column: 0, preview: Uint8Array.of(0), codes: [{ indices: fakeSiteTrace([0]).indices, values: fakeSiteTrace([0]).values }] });

    job.step(0, 1);
    expect(sent.at(-2)).toMatchObject({ type: 'step', run: 0, column: 1 });
    expect(sent.at(-1)).toMatchObject({ type: 'state', state: { kind: 'running', seed: 0, step: 1, done: 2 } });
    job.step(0, 2);
    job.received = [];
    job.setPlan([true, false], folders);
    await feed.settled;
    expect(sent.at(-1)).toMatchObject({ type: 'image', run: 0, folder: folders[0], image: fakePng(255) });

    job.step(1, 0);
    feed.sleep();
    job.step(1, 1);
    feed.wake(); // in mid-run: the finished run is read from its folder, the other one from what has been received
    await feed.settled;
    const again = sent.slice(types().lastIndexOf('data'));
    expect(again.map((message) => ('column' in message ? `${message.run}:${message.column}` : message.type))).toEqual(['data', '0:0', '0:1', '0:2', 'image', '1:0', '1:1']);

    job.set({ kind: 'done', answer: { runs: folders.map((where, seed) => ({ seed, folder: where, cached: false })), parts: [], totalMs: 4100 }, finishedAt: new Date() });
    expect(sent.at(-1)).toMatchObject({ type: 'state', state: { kind: 'done', seconds: 4.1, cached: false }, stale: false });
    expect(memory).toEqual(folders);
    expect(errors).toEqual([]);
    timeline.dispose();
    const count = sent.length;
    job.set({ kind: 'cancelled' });
    expect(sent).toHaveLength(count);
  });

  it('says how many runs there are where they are too many to stand side by side', async () => {
    const { feed, timeline, sent, begin } = open();
    feed.wake();
    await timeline.start();
    const job = new FakeJob();
    begin(job);
    job.setPlan(Array.from({ length: 40 }, () => false), Array.from({ length: 40 }, (_, seed) => `/runs/${seed}`));
    await feed.settled;
    const last = sent.at(-1);
    expect(last).toMatchObject({ type: 'data', data: { runsInAll: 40 } });
    expect(last?.type === 'data' && last.data.runs).toHaveLength(32);

    const run = await store(0);
    const stored = open({ runs: Array.from({ length: 40 }, () => seedRun(run)) });
    stored.feed.wake();
    await stored.timeline.start();
    await stored.feed.settled;
    expect(stored.sent.findLast(({ type }) => type === 'data')).toMatchObject({ data: { runsInAll: 40 } });
  });

  it('loses no step that comes while it is being filled', async () => {
    const folders = [await store(0), await store(1)].map((run) => run.folder);
    const job = new FakeJob();
    job.setPlan([false, false], folders);
    job.step(0, 0);
    const { feed, timeline, sent } = open({ jobs: [job] });
    await timeline.start();
    feed.wake(); // now the names of the concepts are looked up
    job.step(0, 1);
    job.step(0, 2);
    await feed.settled;
    const columns = sent.flatMap((message) => (message.type === 'step' ? [message.column] : []));
    expect(new Set(columns)).toEqual(new Set([0, 1, 2]));
    expect(sent[0].type).toBe('data');
  });

  it('keeps what it shows when a job fails before its plan, and says why', async () => {
    const { feed, timeline, sent, begin } = open({ runs: [seedRun(await store(0)), seedRun(await store(1))] });
    feed.wake();
    await timeline.start();
    await feed.settled;
    const before = sent.length;
    const job = new FakeJob();
    begin(job);
    job.set({ kind: 'failed', fault: { message: 'no such file', remedy: 'Check the path.', file: '/ws/model', place: '/unet' } });
    expect(sent.slice(before).map(({ type }) => type)).toEqual(['state', 'state']);
    await timeline.runsChanged(); // as it is told after every job
    await feed.settled;
    expect(sent.at(-1)).toEqual({ type: 'state', state: { kind: 'failed', message: 'no such file', remedy: 'Check the path.', place: '/ws/model: /unet' }, stale: false });
  });

  it('follows the next job, and no longer the one before', async () => {
    const folders = [(await store(0)).folder];
    const { feed, timeline, sent, begin } = open();
    feed.wake();
    await timeline.start();
    const [first, second] = [new FakeJob(), new FakeJob()];
    begin(first);
    first.setPlan([false], folders);
    begin(second);
    second.setPlan([false], folders);
    await feed.settled;
    const count = sent.length;
    first.step(0, 0);
    expect(sent).toHaveLength(count);
    second.step(0, 0);
    await feed.settled;
    expect(sent.at(-1)).toMatchObject({ type: 'step', column: 0 });
  });
});
