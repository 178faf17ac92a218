import { describe, expect, it } from 'vitest';
import type { JobState } from '../../../src/engine/job.ts';
import type { Capability } from '../../../src/engine/capabilities.ts';
import { lensesOf, type LensFacts, type PartResult } from '../../../src/editor/lenses/lensesOf.ts';
import { outlineOf } from '../../../src/editor/lenses/outlineOf.ts';
import { LineMap } from '../../../src/spec/lineMap.ts';
import { readTree } from '../../../src/spec/readTree.ts';
import { phrase } from '../../../src/base/phrase.ts';
import { fullSpec } from '../../support/specs.ts';
import { inEnglish } from '../../support/translate.ts';

const everything: readonly Capability[] = ['trace', 'experiments', 'sweeps', 'searches', 'studies'];

const states: readonly JobState[] = [
  { kind: 'queued' }, { kind: 'starting' },
  { kind: 'running', seed: 1, step: 6, steps: 30, done: 37, total: 90, secondsLeft: 3 },
  { kind: 'cancelling' }, { kind: 'cancelled' },
  { kind: 'done', answer: { runs: [], parts: [], totalMs: 4123 }, finishedAt: new Date(0) },
  { kind: 'failed', fault: { message: 'no $(folder)\nfound', remedy: 'Name one.' } },
  { kind: 'starting', what: phrase`loading the U-Net` },
];

function outline(text: string) {
  const { tree } = readTree(text);
  if (tree === undefined) throw new Error('no tree');
  return outlineOf(tree, new LineMap(text));
}

function lenses(text: string, facts: Partial<LensFacts> = {}) {
  return lensesOf(outline(text), { capabilities: everything, trusted: true, trace: undefined, stateOf: () => undefined, last: undefined, resultOf: () => undefined, ...facts }, inEnglish);
}

/** Line of the first occurrence, from 0. */
function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length - 1;
}

describe('lensesOf', () => {
  it('puts the lenses of the file on its root, and one on each part', () => {
    const text = `// a question\n${fullSpec}`;
    expect(lenses(text).map(({ line, title }) => [line, title])).toEqual([
      [1, '$(play) Run trace'], [1, '$(run-all) Run all'], [1, 'Open timeline'], [1, 'no stored runs'],
      ...[['"house-to-the-right": {', '$(play) Run experiment', ' · compare'], ['"when":', '$(play) Run sweep', ' · open sweep'], ['"cheapest":', '$(play) Run search', ''], ['"layout":', '$(play) Run study', '']]
        .flatMap(([part, title, way]) => [[lineOf(text, part), title], [lineOf(text, part), `no result yet${way}`]]),
    ]);
  });

  it('shows none of what the engine cannot do', () => {
    expect(lenses(fullSpec, { capabilities: ['trace'] }).map(({ title }) => title)).toEqual(['$(play) Run trace', 'Open timeline', 'no stored runs']);
    expect(lenses(fullSpec, { capabilities: ['trace', 'sweeps'] }).map(({ title }) => title))
      .toEqual(['$(play) Run trace', '$(run-all) Run all', 'Open timeline', 'no stored runs', '$(play) Run sweep', 'no result yet · open sweep']);
  });

  it('offers to run all only where that is more than the trace', () => {
    expect(lenses('{ "dmi": 1, "experiments": {} }').map(({ title }) => title)).not.toContain('$(run-all) Run all');
  });

  it('leads through the life of a job', () => {
    expect(states.map((trace) => lenses(fullSpec, { trace })[0]).map(({ title, command }) => [title, command])).toEqual([
      ['$(clock) waiting · cancel', 'dmi.cancel'],
      ['$(sync~spin) starting · cancel', 'dmi.cancel'],
      ['$(sync~spin) step 37/90 · cancel', 'dmi.cancel'],
      ['$(sync~spin) cancelling', undefined],
      ['$(circle-slash) cancelled · run again', 'dmi.runTrace'],
      ['$(check) 4.1 s · open timeline', 'dmi.openTimeline'],
      ['$(error) no (folder) found · run again', 'dmi.runTrace'],
      ['$(sync~spin) loading the U-Net · cancel', 'dmi.cancel'],
    ]);
  });

  it('keeps number and lines of lenses whatever runs', () => {
    const lines = lenses(fullSpec).map(({ line }) => line);
    for (const state of states) {
      expect(lenses(fullSpec, { trace: state, stateOf: () => state, last: { folder: '/runs/a', runs: 3, when: '24 Nov' } }).map(({ line }) => line)).toEqual(lines);
    }
  });

  it('tells a part\'s state on that part alone', () => {
    const running = states[2];
    const shown = lenses(fullSpec, { stateOf: ({ kind, name }) => (kind === 'sweeps' && name === 'when' ? running : undefined) });
    expect(shown.filter(({ title }) => title.includes('37/90')).map(({ line }) => line)).toEqual([lineOf(fullSpec, '"when":')]);
    expect(shown.find(({ title }) => title.includes('Run search'))).toMatchObject({ command: 'dmi.runPart', argument: { kind: 'searches', name: 'cheapest' } });
  });

  it('says what a part came to, and leads to its panel', () => {
    const of = (result: PartResult | undefined, kind: 'experiments' | 'sweeps') => lenses(fullSpec, { resultOf: (part) => (part.kind === kind ? result : undefined) })
      .find(({ command }) => command === (kind === 'sweeps' ? 'dmi.openSweep' : 'dmi.openExperiment'));
    const headline = { measure: 'presence:$(house)', value: 0.754, low: 0.5, high: 1, n: 8 };
    expect(of({ headline, expected: 2, failed: 1 }, 'experiments')).toMatchObject({
      title: '$(error) 1 of 2 expectations failed · presence:(house) 0.75 [0.50, 1.0] n 8 · compare', command: 'dmi.openExperiment', argument: { kind: 'experiments', name: 'house-to-the-right' },
    });
    expect(of({ headline: { ...headline, value: null, low: null, high: null }, expected: 1, failed: 0 }, 'experiments')?.title).toBe('$(pass) as expected · presence:(house) not measured · compare');
    expect(of({ headline: { ...headline, low: null, high: null, n: 1 }, expected: 0, failed: 0 }, 'experiments')?.title).toBe('presence:(house) 0.75 n 1 · compare');
    expect(of({ expected: 0, failed: 0 }, 'sweeps')).toMatchObject({ title: 'open sweep', command: 'dmi.openSweep', argument: { kind: 'sweeps', name: 'when' } });
  });

  it('tells what comes after the runs of a part', () => {
    const running = { ...states[2], part: { phase: 'measuring' as const, role: 'when[0, 1]' } };
    expect(lenses(fullSpec, { stateOf: ({ kind }) => (kind === 'sweeps' ? running as JobState : undefined) }).find(({ title }) => title.includes('measuring')))
      .toMatchObject({ title: '$(sync~spin) measuring 37/90 · cancel', command: 'dmi.cancel', argument: { kind: 'sweeps', name: 'when' }, tooltip: 'when[0, 1]' });
  });

  it('names the last result', () => {
    const last = { folder: '/runs/a', runs: 3, when: '24 Nov, 09:12' };
    expect(lenses(fullSpec, { last })[3]).toMatchObject({ title: '$(history) 3 runs, last 24 Nov, 09:12', command: 'dmi.openRun', argument: { folder: '/runs/a' } });
    expect(lenses(fullSpec, { last: { ...last, runs: 1 } })[3]).toMatchObject({ title: '$(history) 1 run, 24 Nov, 09:12' });
  });

  it('runs nothing in a workspace without trust, and says why', () => {
    const shown = lenses(fullSpec, { trusted: false });
    expect(shown.map(({ title }) => title)).toEqual(['$(workspace-untrusted) Trust this workspace to run', 'Open timeline', 'no stored runs']);
    expect(shown.map(({ command }) => command).filter((command) => command === 'dmi.runTrace' || command === 'dmi.runPart')).toEqual([]);
  });

  it.each(['[]', '3', '{ "experiments": [1], "sweeps": null, "searches": "x" }', '{ "experiments": { "a" } }', '{ "experiments": { "a": '])('takes any JSON, broken or not: %s', (text) => {
    expect(lenses(text).at(0)?.title).toBe('$(play) Run trace');
  });
});
