import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { checkExpectations, intervalText } from '../../../src/study/expectations.ts';
import { crossedInterval, meanInterval } from '../../../src/study/interval.ts';
import { normRatio, rowOf, UpdateMoments } from '../../../src/study/updateMoments.ts';
import { golden } from '../../support/scenes.ts';

const { bootstrap } = JSON.parse(await readFile(golden('measures.json'), 'utf8')) as { bootstrap: { samples: number[]; low: number; high: number } };

describe('intervals', () => {
  test('are those of scipy\'s percentile bootstrap, within the noise of resampling', () => {
    const { value, low, high, n } = meanInterval(bootstrap.samples);
    expect(value).toBeCloseTo(0.41875, 12);
    expect(n).toBe(8);
    expect(Math.abs((low ?? 0) - bootstrap.low)).toBeLessThan(0.02);
    expect(Math.abs((high ?? 0) - bootstrap.high)).toBeLessThan(0.02);
    expect(meanInterval(bootstrap.samples)).toEqual({ value, low, high, n });
  });

  test('failed runs count for nothing; one sample has no interval, none has no value', () => {
    expect(meanInterval([null, 0.5, null])).toEqual({ value: 0.5, low: null, high: null, n: 1 });
    expect(meanInterval([null])).toEqual({ value: null, low: null, high: null, n: 0 });
    expect(meanInterval([1, 1, null])).toEqual({ value: 1, low: 1, high: 1, n: 2 });
  });

  test('over draws and seeds: draws that differ are uncertainty, though every seed agrees', () => {
    const { value, low, high, n } = crossedInterval([[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]]);
    expect([value, n]).toEqual([1 / 3, 12]);
    expect([low, high]).toEqual([0, 1]);
    // Taken as twelve samples of one kind they would seem far more certain.
    const flat = meanInterval([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0]);
    expect((flat.high ?? 0) - (flat.low ?? 0)).toBeLessThan(0.6);
  });
});

describe('expectations', () => {
  const interval = { value: 0.5, low: 0.25, high: 0.75, n: 4 };
  test.each([
    [{ min: 0.5 }, 0, true, '0.5 (95 %: 0.25 to 0.75, n = 4) is at least 0.5'],
    [{ min: 0.1, max: 0.6 }, 0, true, 'is at least 0.1 and at most 0.6'],
    [{ min: 0.6 }, 0, false, 'is below 0.6'],
    [{ max: 0.4 }, 0, false, 'is above 0.4'],
    [{ min: 0.1 }, 2, false, '2 of the edited runs failed'],
  ])('%j with %d failed runs: %s', (bounds, failed, passed, reason) => {
    const [expectation] = checkExpectations({ clip: bounds }, { clip: interval }, failed);
    expect(expectation).toMatchObject({ measure: 'clip', ...bounds, value: 0.5, passed });
    expect(expectation.reason).toContain(reason);
  });

  test('what could not be measured does not pass', () => {
    const [expectation] = checkExpectations({ clip: { min: -1 } }, { clip: { value: null, low: null, high: null, n: 0 } }, 0);
    expect([expectation.passed, expectation.value]).toEqual([false, null]);
    expect(intervalText({ value: 0.12345, low: null, high: null, n: 1 })).toBe('0.123 (n = 1)');
  });
});

describe('moments of updates', () => {
  test('share beyond 4 σ of each channel, by hand', () => {
    // Channel 0: mean 0, σ 1; channel 1: constant, so that anything else lies beyond.
    const moments = new UpdateMoments(2);
    moments.add(Float32Array.of(1, -1, 5, 5));
    moments.add(Float32Array.of(-1, 1, 5, 5));
    expect(moments.shareBeyond(Float32Array.of(4, 4.5, 5, 5))).toBe(1 / 4);
    expect(moments.shareBeyond(Float32Array.of(-4, -4.01, 5, 5.1))).toBe(2 / 4);
    expect(moments.shareBeyond(Float32Array.of(1, -1, 5, 5))).toBe(0);
  });

  test('norms and rows', () => {
    expect(normRatio(Float32Array.of(6, 8), Float32Array.of(3, 4))).toBe(2);
    expect(normRatio(Float32Array.of(0, 0), Float32Array.of(0, 0))).toBe(1);
    expect([...rowOf({ dtype: 'float32', shape: [2, 1, 1, 2], data: Float32Array.of(1, 2, 3, 4) }, 1)]).toEqual([3, 4]);
  });
});
