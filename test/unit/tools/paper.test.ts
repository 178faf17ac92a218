import { describe, expect, it } from 'vitest';
import type { ExperimentOutcome, MeasureOutcome } from '../../../src/study/outcome.ts';
import { difference, estimate } from '../../../tools/paper/estimate.ts';
import { paperMarkdown } from '../../../tools/paper/paperMarkdown.ts';
import { paperPage } from '../../../tools/paper/paperPage.ts';
import { placingTables, placingVerdicts } from '../../../tools/paper/placing.ts';
import type { PaperReport } from '../../../tools/paper/report.ts';
import { samplesOf } from '../../../tools/paper/samples.ts';
import type { Sample, WindowName } from '../../../tools/paper/samples.ts';
import { cellText } from '../../../tools/paper/table.ts';
import { isGreater, reaches } from '../../../tools/paper/verdict.ts';

const nothing = { value: null, low: null, high: null, n: 0 };
// 30 steps of DDIM, leading spacing with an offset of one: 0.958 ... 0.001.
const t = Array.from({ length: 30 }, (_, step) => ((29 - step) * 33 + 1) / 1000);
const steps: Record<WindowName, number[]> = { early: range(0, 10), middle: range(11, 22), late: range(23, 29) };

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function measure(perSeed: (number | null)[], random: (number | null)[] = perSeed): MeasureOutcome {
  const arm = { ...nothing, draws: 3, gain: nothing, perSeed: random };
  return { ...nothing, perSeed, gain: nothing, controls: { 'random-concept': arm }, definition: '' };
}

function outcome(window: WindowName, where: string, centre: MeasureOutcome): ExperimentOutcome {
  return {
    format: 1, name: `${window}, ${where}`, why: '', specFile: 'place-ball.dmi.json', prompt: 'a ball', totalSteps: 30, t, seeds: [4, 7],
    edits: [{ site: 'mid', concepts: [1], operation: 'add', amount: 2, unit: 'mean', where, elsewhere: 'ablate', branch: 'cond', steps: steps[window] }],
    baseline: [{ seed: 4, folder: '/b4' }, { seed: 7, folder: '/b7' }], edited: [{ seed: 4, folder: '/e4' }, { seed: 7, folder: null, fault: 'NaN' }],
    controls: [], without: [], identityHolds: true, measures: { 'centre:ball': centre, 'presence:ball': measure([1, 1]) }, expectations: [], cost: { unetCalls: 0, naiveUnetCalls: 0, seconds: 0 },
  };
}

const samples = (window: WindowName, where: string, centre: MeasureOutcome): Sample[] => samplesOf(outcome(window, where, centre))?.samples ?? [];

describe('samples of an outcome', () => {
  it('know noun, window, quadrant and strength from what was computed, not from a name', () => {
    const found = samplesOf(outcome('middle', 'top-left', measure([1, 0])));
    expect(found?.question).toBe('place');
    expect(found?.samples).toMatchObject([
      { seed: 4, word: 'ball', window: 'middle', where: 'top-left', amount: 2, folder: '/e4', baselineFolder: '/b4' },
      { seed: 7, folder: null },
    ]);
    expect(found?.samples[1].value('centre:ball')).toBe(0);
    expect(found?.samples[1].value('clip')).toBeUndefined();
  });

  it('are none where the steps are no window of the paper, or nothing is edited', () => {
    const other = outcome('early', 'top-left', measure([1, 1]));
    expect(samplesOf({ ...other, edits: [{ ...other.edits[0], steps: range(3, 9) }] })).toBeUndefined();
    expect(samplesOf({ ...other, edits: [] })).toBeUndefined();
  });
});

describe('estimates', () => {
  const hit = (sample: Sample): number | undefined => sample.value('centre:ball');
  const four = ['top-left', 'top-right', 'bottom-left', 'bottom-right'].flatMap((where, index) => samples('early', where, measure([index === 0 ? 1 : 0, index === 0 ? 1 : 0])));

  it('resample whole clusters: a thing that stays where it is scores a quarter for every seed, with no doubt left', () => {
    expect(estimate(four, hit)).toEqual({ value: 0.25, low: 0.25, high: 0.25, n: 8, clusters: 2 });
  });

  it('leave out what has no value, and are nothing where nothing has', () => {
    expect(estimate(samples('early', 'top-left', measure([1, null])), hit)).toMatchObject({ value: 1, n: 1, clusters: 1 });
    expect(estimate(samples('early', 'top-left', measure([null, null])), hit)).toBeUndefined();
  });

  it('pair differences by cluster', () => {
    const gap = difference(samples('early', 'top-left', measure([1, 0])), samples('late', 'top-left', measure([0, null])), hit);
    expect(gap).toMatchObject({ value: 1, low: 1, high: 1, n: 1 });
  });
});

describe('verdicts', () => {
  const sure = { value: 0.9, low: 0.8, high: 1, n: 8, clusters: 2 };

  it('follow the numbers', () => {
    expect(reaches('', '', sure, 0.6).answer).toBe('agrees');
    expect(reaches('', '', { ...sure, value: 0.5 }, 0.6).answer).toBe('disagrees');
    expect(isGreater('', '', sure).answer).toBe('agrees');
    expect(isGreater('', '', { ...sure, low: -0.1 }).answer).toBe('open');
    expect(isGreater('', '', { value: -0.2, low: -0.3, high: -0.1, n: 8, clusters: 2 }).answer).toBe('disagrees');
    expect(isGreater('', '', undefined).answer).toBe('open');
  });

  it('about placing hold for a model that places early and leaves things alone late', () => {
    const quadrants = ['top-left', 'top-right', 'bottom-left', 'bottom-right'];
    const all = quadrants.flatMap((where, index) => {
      const alone = [Number(index === 0), Number(index === 0)];
      return [...samples('early', where, measure([1, 1], alone)), ...samples('middle', where, measure([Number(index < 2), Number(index < 2)], alone)), ...samples('late', where, measure(alone, alone))];
    });
    // Perceptual change was not measured here.
    expect(placingVerdicts(all).map(({ answer }) => answer)).toEqual([...Array<string>(6).fill('agrees'), 'open', 'open']);
    const row = placingTables(all)[0].rows[0];
    expect(row.map(cellText).slice(0, 4)).toEqual(['early', '0.80', '1.00 [1.00, 1.00] n 8', '0.25 [0.25, 0.25] n 8']);
  });
});

describe('the report', () => {
  const report: PaperReport = {
    title: 'T', intro: ['<b>'], sources: [['specs', 'a|b']],
    sections: [{
      title: 'S', text: [], grids: [{ title: 'G', caption: 'C', columns: ['unedited'], rows: [{ name: 'early', pictures: [undefined] }] }],
      verdicts: [{ claim: 'c', paper: 'p', here: 'h', answer: 'disagrees' }],
      tables: [{ title: 'N', caption: 'D', columns: ['x'], rows: [[{ value: -0.0004, low: -0.01, high: 0.2, n: 3, clusters: 3 }], [undefined]] }],
    }],
  };

  it('stands in a page that loads nothing and lets no markup in', () => {
    const page = paperPage(report);
    expect(page).toContain('&#60;b&#62;');
    expect(page).toContain('default-src \'none\'');
    expect(page).not.toMatch(/https?:\/\//);
    expect(page).toContain('disagrees');
  });

  it('says the same in Markdown', () => {
    const text = paperMarkdown(report, () => 'g.svg');
    expect(text).toContain('| c | p | h | **disagrees** |');
    expect(text).toContain('0.000 [-0.010, 0.20] n 3');
    expect(text).toContain('a\\|b');
    expect(text).toContain('![G](g.svg)');
  });
});
