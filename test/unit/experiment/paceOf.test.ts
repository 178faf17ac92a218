import { expect, it } from 'vitest';
import { paceOf } from '../../../src/experiment/paceOf.ts';

it('tells the time left from the first step on, and leaves that one out as soon as there are others', () => {
  const secondsLeft = paceOf(1000);
  expect(secondsLeft(1, 50, 21_000), 'a slow first step is all there is to go by').toBe(20 * 49);
  expect(secondsLeft(2, 50, 31_000)).toBe(10 * 48);
  expect(secondsLeft(4, 50, 51_000)).toBe(10 * 46);
  expect(secondsLeft(50, 50, 521_000)).toBe(0);
});

it('tells nothing before anything is done', () => {
  expect(paceOf(1000)(0, 50, 2000)).toBeNull();
});
