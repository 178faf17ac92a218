import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failuresOf } from '../../../../src/editor/testing/verdict.ts';
import type { ExperimentOutcome, MeasureOutcome } from '../../../../src/study/outcome.ts';
import { inEnglish } from '../../../support/translate.ts';

const interval = { value: 0.25, low: 0, high: 0.5, n: 4 };
const measure: MeasureOutcome = {
  ...interval, perSeed: [0, 1, 0, 0], gain: interval, definition: '',
  controls: { 'random-concept': { ...interval, value: 0.12345, draws: 3, gain: interval, perSeed: [0, 0, 0, 0] }, identity: { ...interval, value: null, draws: 0, gain: interval, perSeed: [] } },
};
const outcome: ExperimentOutcome = {
  format: 1, name: 'a', why: '', specFile: 'a.dmi.json', prompt: '', totalSteps: 2, t: [1, 0], seeds: [7, 8], edits: [],
  baseline: [{ seed: 7, folder: '/runs/x' }, { seed: 8, folder: '/runs/y' }], edited: [{ seed: 7, folder: null, fault: 'NaN' }, { seed: 8, folder: '/runs/z' }],
  controls: [], without: [], identityHolds: true, measures: { 'presence:<b>': measure },
  expectations: [
    { measure: 'presence:<b>', min: 0.5, value: 0.25, passed: false, reason: '0.25 is below 0.5' },
    { measure: 'mse', max: 1, value: 0, passed: true, reason: 'fine' },
  ],
  cost: { unetCalls: 1, naiveUnetCalls: 1, seconds: 1 },
};

describe('failuresOf', () => {
  it('gives the reason, the controls, and the pictures of the first seed that has any', () => {
    const failures = failuresOf(outcome, (path) => `file://${path}`, inEnglish);
    expect(failures.map((failure) => failure.measure)).toEqual(['presence:<b>']);
    const [{ text }] = failures;
    expect(text).toContain('0.25 is below 0.5');
    expect(text).toContain('Controls: random&#45;concept 0.123 (n = 4)');
    expect(text).toContain(`Seed 8, unedited and edited:\n\n![unedited](file://${join('/runs/y', 'image.png')}) ![edited](file://${join('/runs/z', 'image.png')})`);
  });

  it('lets nothing of a spec be read as markup', () => {
    expect(failuresOf(outcome, () => undefined, inEnglish)[0].text).not.toContain('<b>');
  });
});
