import { describe, expect, it } from 'vitest';
import { setImmediate } from 'node:timers/promises';
import { LivePairs } from '../../../../src/editor/compare/livePairs.ts';
import { EngineJob } from '../../../../src/engine/engineJob.ts';
import type { JobPlan } from '../../../../src/engine/protocol.ts';
import type { LivePair, ToCompare } from '../../../../webview/compareProtocol.ts';
import { fakeEdit } from '../../../support/fakeOutcome.ts';

const plan = (from = 1): JobPlan => ({
  modelName: 'scenes', prompt: 'a house', scheduler: 'ddim', totalSteps: 3, steps: [0, 1, 2], t: [1, 0.6, 0.3], saes: {},
  runs: [0, 1].map((seed) => ({ seed, folder: `/b${seed}`, cached: false })),
  experiments: [
    { name: 'other', edits: [], pairs: [{ seed: 0, baseline: '/b0', edited: '/o0', controls: [] }] },
    { name: 'push', edits: [fakeEdit([0, 1, 2].slice(from))], pairs: [0, 1].map((seed) => ({ seed, baseline: `/b${seed}`, edited: `/e${seed}`, controls: [0, 1].map((draw) => ({ control: 'random-concept', draw, folder: `/c${seed}${draw}` })) })) },
    { name: 'when', cell: 1, edits: [fakeEdit([1])], pairs: [{ seed: 0, baseline: '/b0', edited: '/v0', controls: [] }] },
  ],
});
const png = (value: number): Uint8Array => Uint8Array.of(value);

/** A panel's live pairs, over runs that are stored. */
function open(stored: Record<string, (Uint8Array | null)[]> = {}, panel: { name: string; cell?: number } = { name: 'push' }) {
  const sent: ToCompare[] = [];
  const errors: unknown[] = [];
  const live = new LivePairs({ ...panel, previewsOf: (folder) => Promise.resolve(stored[folder]), post: (message) => { sent.push(message); }, onError: (error) => { errors.push(error); } });
  const job = new EngineJob({ id: 'job', file: '/ws/a.dmi.json', text: '', target: { kind: 'experiments', name: 'push' } }, () => undefined, (error) => { errors.push(error); });
  const edited = (seed: number, step: number): void => {
    job.progress({ job: 'job', phase: 'runs', role: 'push', seed, done: 1, total: 9, secondsLeft: null, at: 0, picture: { folder: `/e${seed}`, step, preview: png(10 + step) } });
  };
  const unedited = (seed: number, step: number): void => {
    job.addStep({ job: 'job', seed, step, at: 0, done: 1, total: 9, secondsLeft: null, preview: png(step), codes: [] });
  };
  const drawn = (run: string, step: number): void => {
    job.progress({ job: 'job', phase: 'runs', role: '', done: 1, total: 9, secondsLeft: null, at: 0, picture: { folder: run, step, preview: png(step) } });
  };
  const shown = (): LivePair | null | undefined => sent.flatMap((message) => (message.type === 'live' ? [message.live] : [])).at(-1);
  return { live, job, sent, errors, stored, edited, unedited, drawn, shown };
}

describe('the live pair of an experiment', () => {
  it('stands as soon as its runs are known, and fills step by step', async () => {
    const { live, job, sent, errors, unedited, edited } = open();
    live.follow(job);
    expect(sent).toEqual([]);
    job.setPlan(plan(0));
    await setImmediate();
    expect(sent).toMatchObject([{ type: 'live', live: { seed: 0, index: 0, seeds: 2, totalSteps: 3, baseline: [null, null, null], edited: [null, null, null] } }]);
    unedited(0, 0);
    edited(0, 0);
    edited(0, 1);
    expect(sent.slice(1)).toEqual([
      { type: 'picture', seed: 0, run: 'baseline', column: 0, preview: png(0) },
      { type: 'picture', seed: 0, run: 'edited', column: 0, preview: png(10) }, { type: 'picture', seed: 0, run: 'edited', column: 1, preview: png(11) },
    ]);
    expect(errors).toEqual([]);
  });

  it('has the unedited pictures for the steps before its edits act', () => {
    const { live, job, sent, unedited, shown } = open();
    live.follow(job);
    job.setPlan(plan(1));
    unedited(0, 0);
    unedited(0, 1);
    expect(sent.slice(1)).toMatchObject([{ run: 'baseline', column: 0 }, { run: 'edited', column: 0, preview: png(0) }, { run: 'baseline', column: 1 }]);
    live.resend();
    expect(shown()?.edited).toEqual([png(0), null, null]);
  });

  it('goes on with the next seed, and fills runs that were stored before from their folders', async () => {
    const { live, job, edited, shown, sent } = open({ '/b1': [png(7), null, png(9)] });
    live.follow(job);
    job.setPlan(plan(0));
    edited(1, 0);
    await setImmediate();
    expect(shown()).toMatchObject({ seed: 1, index: 1, baseline: [png(7), null, png(9)], edited: [png(10), null, null] });
    job.progress({ job: 'job', phase: 'runs', role: 'other', done: 1, total: 9, secondsLeft: null, at: 0, picture: { folder: '/o0', step: 0, preview: png(1) } });
    expect(sent.at(-1)).toMatchObject({ type: 'live' }); // another experiment's run is none of its own
  });

  it('is completed from its folder when a run is finished', async () => {
    const { live, job, stored, edited, shown } = open();
    live.follow(job);
    job.setPlan(plan(0));
    edited(0, 2);
    stored['/e0'] = [png(1), png(2), png(3)];
    job.finishRun({ job: 'job', seed: 0, folder: '/e0' });
    await setImmediate();
    expect(shown()?.edited).toEqual([png(1), png(2), png(12)]);
    expect(job.pictures).toEqual([]);
  });

  it('shows one draw of a control after the other, each to its end, though a batch makes several at once', async () => {
    const { live, job, stored, drawn, edited, shown, sent } = open();
    live.follow(job);
    job.setPlan(plan(1));
    edited(0, 1);
    expect(shown()?.control).toBeNull();
    drawn('/c00', 1);
    drawn('/c01', 1);
    drawn('/c00', 2);
    expect(shown()?.control).toEqual({ role: 'random-concept', draw: 0, previews: [null, png(1), null] });
    expect(sent.at(-1)).toEqual({ type: 'picture', seed: 0, run: 'control', column: 2, preview: png(2) });
    stored['/c00'] = [png(7), png(8), png(9)];
    job.finishRun({ job: 'job', seed: 0, folder: '/c00' });
    await setImmediate();
    expect(shown()?.control?.previews).toEqual([png(7), png(1), png(2)]);
    drawn('/c01', 2);
    expect(shown()?.control).toEqual({ role: 'random-concept', draw: 1, previews: [null, png(1), png(2)] });
    drawn('/c10', 1); // of the next seed
    expect(shown()).toMatchObject({ seed: 1, control: { draw: 0, previews: [null, png(1), null] } });
  });

  it('is that of a variant where a panel shows one', () => {
    const { live, job, drawn, shown, sent } = open({}, { name: 'when', cell: 1 });
    live.follow(job);
    job.setPlan(plan());
    drawn('/v0', 2);
    drawn('/e0', 2); // of an experiment of the same job
    expect(shown()).toMatchObject({ seed: 0, seeds: 1, edits: [{ steps: [1] }] });
    expect(sent.at(-1)).toMatchObject({ type: 'picture', run: 'edited', column: 2 });
  });

  it('tells a panel that opens late all there is, stays where the job ends early, and is gone with the outcome', () => {
    const { live, job, unedited, edited, shown, sent } = open();
    job.setPlan(plan(0));
    unedited(1, 0);
    edited(1, 0);
    live.follow(job);
    expect(shown()).toMatchObject({ seed: 1, baseline: [png(0), null, null], edited: [png(10), null, null] });
    job.setState({ kind: 'cancelled' });
    live.resend();
    expect(shown()).toMatchObject({ seed: 1 });
    live.end();
    expect(sent.at(-1)).toEqual({ type: 'live', live: null });
    live.follow(job); // the queue tells of it once more
    live.resend();
    edited(1, 1);
    expect(sent.at(-1)).toEqual({ type: 'live', live: null });
  });
});
