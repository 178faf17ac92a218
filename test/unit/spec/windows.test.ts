import { describe, expect, it } from 'vitest';
import { columnsOfWindow, stepsOfWindow } from '../../../src/spec/windows.ts';

/** DDIM's leading spacing with offset 1 over 10 steps: t = 0.901, 0.801, ... 0.001. */
const leading = Int32Array.from({ length: 10 }, (_, step) => 901 - 100 * step);
/** Timesteps that fall on the borders of the named windows. */
const round = [1000, 800, 600, 400, 200, 0];

it('counts a step whose time lies within the window', () => {
  expect(stepsOfWindow('early', leading)).toEqual([0, 1, 2, 3]);
  expect(stepsOfWindow('middle', leading)).toEqual([4, 5, 6, 7]);
  expect(stepsOfWindow('late', leading)).toEqual([8, 9]);
  expect(stepsOfWindow('all', leading)).toHaveLength(10);
});

it('is closed at both ends', () => {
  expect(stepsOfWindow('early', round)).toEqual([0, 1, 2]);
  expect(stepsOfWindow('middle', round)).toEqual([2, 3, 4]);
  expect(stepsOfWindow('late', round)).toEqual([4, 5]);
  expect(stepsOfWindow({ from: 0.8, to: 0.8 }, round)).toEqual([1]);
  for (let timestep = 0; timestep <= 1000; timestep++) {
    expect(stepsOfWindow({ from: timestep / 1000, to: timestep / 1000 }, [timestep])).toEqual([0]);
  }
});

it('takes every step at a timestep that comes more than once, and fractions as they are', () => {
  const heun = Float64Array.of(999, 749.25, 749.25, 600, 600, 249.75, 249.75, 200.1, 0);
  expect(stepsOfWindow('early', heun)).toEqual([0, 1, 2, 3, 4]);
  expect(stepsOfWindow('middle', heun)).toEqual([3, 4, 5, 6, 7]);
  expect(stepsOfWindow({ from: 0.74925, to: 0.6 }, heun)).toEqual([1, 2, 3, 4]);
  expect(columnsOfWindow('middle', [...heun.keys()], Array.from(heun, (timestep) => timestep / 1000))).toEqual([3, 7]);
});

it('counts time in what timesteps count to', () => {
  expect(stepsOfWindow('early', [250, 150, 50, 0], 250)).toEqual([0, 1]);
  expect(stepsOfWindow('middle', [250, 150, 50, 0], 250)).toEqual([1, 2]);
  expect(stepsOfWindow('late', [1, 0.6, 0.2, 0], 1)).toEqual([2, 3]);
});

it('may hold nothing', () => {
  expect(stepsOfWindow({ from: 0.9, to: 0.85 }, leading)).toEqual([]);
});

it('counts steps, both ends included', () => {
  expect(stepsOfWindow({ steps: [2, 4] }, leading)).toEqual([2, 3, 4]);
});

describe('columns of a window', () => {
  it('are those of recorded steps', () => {
    const steps = [0, 10, 18, 29];
    const t = [0.999, 0.667, 0.6, 0.001];
    expect(columnsOfWindow('early', steps, t)).toEqual([0, 2]);
    expect(columnsOfWindow('middle', steps, t)).toEqual([2, 2]);
    expect(columnsOfWindow('late', steps, t)).toEqual([3, 3]);
    expect(columnsOfWindow({ steps: [1, 20] }, steps, t)).toEqual([1, 2]);
    expect(columnsOfWindow({ steps: [1, 2] }, steps, t)).toBeNull();
  });

  it('do not miss a step by a rounding of its time', () => {
    for (let timestep = 0; timestep <= 1000; timestep++) {
      const time = timestep / 1000;
      for (const stored of [time, Math.fround(time)]) expect(columnsOfWindow({ from: time, to: time }, [0], [stored])).toEqual([0, 0]);
    }
  });
});
