import { describe, expect, it } from 'vitest';
import { phrase } from '../../../src/base/phrase.ts';
import { jobPanelState } from '../../../src/editor/timeline/jobPanelState.ts';
import type { JobState } from '../../../src/engine/job.ts';
import { describeSeconds, statusOf } from '../../../src/editor/jobs/statusOf.ts';
import { inEnglish } from '../../support/translate.ts';

const running: JobState = { kind: 'running', seed: 0, step: 6, steps: 30, done: 7, total: 90, secondsLeft: 12.4 };
const done: JobState = { kind: 'done', answer: { runs: [], parts: [], totalMs: 1000 }, finishedAt: new Date(0) };

describe('statusOf', () => {
  it('is idle where nothing runs or waits', () => {
    expect(statusOf([], inEnglish)).toMatchObject({ text: '$(eye) DMI', busy: false });
    expect(statusOf([{ file: '/a/x.dmi.json', state: done }, { file: '/a/y.dmi.json', state: { kind: 'cancelled' } }], inEnglish)).toMatchObject({ busy: false });
  });

  it('tells of the job under way, how far it is, and how many wait', () => {
    const jobs = [{ file: '/a/x.dmi.json', state: done }, { file: '/a/b.dmi.json', state: { kind: 'queued' } as const }, { file: '/a/c.dmi.json', state: running }];
    expect(statusOf(jobs, inEnglish)).toEqual({
      text: '$(sync~spin) step 7/90, 12 s left (+1)', tooltip: 'DMI Lens: c.dmi.json\n1 more waiting\nClick to show or cancel', busy: true,
    });
  });

  it('says before the first step what is being loaded, also in a panel', () => {
    const state: JobState = { kind: 'starting', what: phrase`checking the files of the model: ${'1.2'} of ${'3.4'} GB` };
    expect(statusOf([{ file: 'c', state }], inEnglish).text).toBe('$(sync~spin) checking the files of the model: 1.2 of 3.4 GB');
    expect(jobPanelState({ state, file: 'c' }, inEnglish)).toEqual({ kind: 'loading', what: 'checking the files of the model: 1.2 of 3.4 GB' });
    expect([jobPanelState({ state: { kind: 'starting' }, file: 'c' }, inEnglish), jobPanelState({ state: { kind: 'queued' }, file: 'c' }, inEnglish)]).toEqual([{ kind: 'loading' }, { kind: 'loading', what: 'waiting' }]);
  });

  it('says nothing of the time left before there is one to go by', () => {
    expect(statusOf([{ file: 'c', state: { ...running, secondsLeft: null } }], inEnglish).text).toBe('$(sync~spin) step 7/90');
  });

  it('counts what only waits, and what is being cancelled, as busy', () => {
    expect(statusOf([{ file: 'c', state: { kind: 'queued' } }], inEnglish)).toMatchObject({ text: '$(sync~spin) waiting', busy: true });
    expect(statusOf([{ file: 'c', state: { kind: 'cancelling' } }], inEnglish)).toMatchObject({ text: '$(sync~spin) cancelling', busy: true });
  });

  it.each([[0, '1 s'], [12.4, '12 s'], [89, '89 s'], [90, '2 min'], [600, '10 min'], [9000, '3 h']])('says %d seconds as people do', (seconds, text) => {
    expect(describeSeconds(seconds, inEnglish)).toBe(text);
  });
});
