import { describe, expect, it } from 'vitest';
import { byteSize } from '../../../../src/base/byteSize.ts';
import { oneLine, printable } from '../../../../src/editor/runs/oneLine.ts';
import { damagedText, questionText, runFacts, runText, type Speech } from '../../../../src/editor/runs/runTexts.ts';
import { seedRanges } from '../../../../src/editor/runs/seedRanges.ts';
import { timeAgo } from '../../../../src/editor/runs/timeAgo.ts';
import { groupByQuestion } from '../../../../src/experiment/runCatalogue.ts';
import { fakeSummary } from '../../../support/fakeSummary.ts';
import { inEnglish } from '../../../support/translate.ts';

const finished = new Date('2026-03-01T12:00:00Z');
const speech: Speech = { t: inEnglish, language: 'en', now: finished.getTime() + 2 * 3600_000 };
const run = (seed: number, prompt = 'a house') => fakeSummary({ seed, prompt, finishedAt: finished });

it('tells a run by its seed below its question, and by its prompt where it is the only answer', () => {
  expect(runText(run(3), false, speech)).toEqual({ label: 'seed 3', description: '4.1 s · 2 hr. ago', spoken: 'Run of "a house", seed 3, 30 steps, 2 hr. ago' });
  expect(runText(run(3), true, speech)).toMatchObject({ label: 'a house', description: 'seed 3 · 30 steps · 2 hr. ago' });
});

it('tells a question by its prompt, seeds and last answer', () => {
  const [question] = groupByQuestion([run(1), run(0), run(7)]);
  expect(questionText(question, speech)).toEqual({
    label: 'a house', description: 'seeds 0–1, 7 · 30 steps · 2 hr. ago', spoken: '3 runs of "a house", seeds 0–1, 7, 30 steps, the last 2 hr. ago',
  });
});

it('says why a run is damaged', () => {
  const texts = (['no manifest', 'malformed manifest', 'altered manifest', 'incomplete'] as const).map((damage) =>
    damagedText({ kind: 'damaged', folder: `/w/.dmi/runs/${'0123456789abcdef'.repeat(2)}`, damage }, speech));
  expect(new Set(texts.map(({ description }) => description)).size).toBe(4);
  expect(texts[3]).toEqual({ label: '01234567', description: 'files are missing or cut', spoken: 'Damaged run 01234567: files are missing or cut' });
});

it('lists what a run is made of', () => {
  expect(runFacts(run(3), speech).slice(0, 6)).toEqual([
    ['Seed', '3'], ['Model', 'scenes'], ['Sampler', 'ddim 30 · cfg 5'], ['Sites', '1 · cond'], ['Recorded', '30 of 30 steps'], ['Time', '4.1 s, of which 2.0 s in the U-Net'],
  ]);
  expect(new Map(runFacts(run(3), speech)).get('Size')).toBe('2.8 MB');
});

describe('a time', () => {
  const ago = (seconds: number, language = 'en') => timeAgo(finished.getTime(), finished.getTime() + seconds * 1000, language, inEnglish);

  it.each([
    [-50, 'just now'], [0, 'just now'], [59, 'just now'], [60, '1 min. ago'], [3599, '59 min. ago'], [3600, '1 hr. ago'], [86_399, '23 hr. ago'], [86_400, 'yesterday'],
    [29 * 86_400, '29 days ago'], [30 * 86_400, 'Mar 1, 2026'],
  ])('%i seconds past is %s', (seconds, text) => {
    expect(ago(seconds)).toBe(text);
  });

  it('is told in Japanese', () => {
    expect(ago(7200, 'ja')).toBe('2 時間前');
    expect(ago(40 * 86_400, 'ja')).toBe('2026/03/01');
  });
});

it.each([[0, '0 byte'], [999, '1 kB'], [2_834_000, '2.8 MB'], [999_600, '1 MB'], [47e9, '47 GB'], [3e15, '3,000 TB']])('%i bytes are %s', (bytes, text) => {
  expect(byteSize(bytes, 'en')).toBe(text);
});

it.each<[number[], string]>([
  [[5], '5'], [[2, 0, 1], '0–2'], [[0, 1, 3, 5, 6], '0–1, 3, 5–6'], [[4, 4], '4'], [[0, 2, 4, 6, 8, 10], '0, 2, 4, 6, …'], [[], ''],
])('writes the seeds %j as %s', (seeds, text) => {
  expect(seedRanges(seeds)).toBe(text);
});

describe('a prompt on one line', () => {
  it('is cut where it is long, between whole characters', () => {
    expect(oneLine('a house', 7)).toBe('a house');
    expect(oneLine('a houses', 7)).toBe('a hous…');
    expect(oneLine('🏠🏠🏠🏠', 3)).toBe('🏠🏠…');
    expect(oneLine('x'.repeat(1e6), 80)).toHaveLength(80);
  });

  it('has no line ends, controls, or marks that turn what follows', () => {
    expect(oneLine(' a\n\tred\r\nhouse\u0000 \u202egnitrevni\u2066x', 80)).toBe('a red house gnitrevni x');
    expect(oneLine('赤い家 🏠', 80)).toBe('赤い家 🏠');
    expect(printable('a\nb\u202ec\u0007', 80)).toBe('a\nb c');
  });
});
