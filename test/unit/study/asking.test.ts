import { expect, test } from 'vitest';
import { withoutEffect } from '../../../src/study/identityCheck.ts';
import { stepsToLookAt } from '../../../src/study/runHealth.ts';
import { fakeEdit } from '../../support/fakeOutcome.ts';

test('at most five steps in force are looked at, the first and the last among them', () => {
  expect(stepsToLookAt([fakeEdit([4, 5]), fakeEdit([0, 5])])).toEqual([0, 4, 5]);
  expect(stepsToLookAt([fakeEdit(Array.from({ length: 13 }, (_, step) => step))])).toEqual([0, 3, 6, 9, 12]);
  expect(stepsToLookAt([fakeEdit(Array.from({ length: 30 }, (_, step) => step))])).toEqual([0, 7, 15, 22, 29]);
});

test('edits without effect read what they read, and change nothing', () => {
  const scaled = fakeEdit([1], { operation: 'scale', amount: -1, unit: 'raw', elsewhere: 'ablate' });
  const set = fakeEdit([1], { operation: 'set', amount: 3, unit: 'norm' });
  expect(withoutEffect([fakeEdit([1]), scaled, set])).toEqual([
    { ...fakeEdit([1]), amount: 0 }, { ...scaled, amount: 1, elsewhere: 'keep' }, { ...set, operation: 'scale', amount: 1, unit: 'raw' },
  ]);
});
