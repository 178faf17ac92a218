import { describe, expect, it } from 'vitest';
import { bootstrapBand, mean, quantile } from '../../../src/base/statistics.ts';
import { TorchGenerator } from '../../../src/base/torchRandom.ts';

describe('statistics', () => {
  it('interpolates quantiles as numpy does', () => {
    expect(quantile([3, 1, 2, 10], 0.25)).toBe(1.75); // numpy.quantile([3, 1, 2, 10], .25)
    expect(quantile([3, 1, 2, 10], 0.9)).toBeCloseTo(7.9, 12);
    expect(quantile([5], 0.3)).toBe(5);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('gives a band whose width is that of the mean: about 2 · 1.96 · s / √n', () => {
    const n = 100;
    const seeds = Array.from({ length: n }, (_, seed) => new TorchGenerator(seed).randn(3));
    const { low, high } = bootstrapBand(seeds, { draws: 2000, level: 0.95, seed: 0 });
    for (let step = 0; step < 3; step++) {
      const values = seeds.map(curve => curve[step]);
      const centre = mean(values);
      const deviation = Math.sqrt(mean(values.map(value => (value - centre) ** 2)));
      expect(low[step]).toBeLessThan(centre);
      expect(high[step]).toBeGreaterThan(centre);
      expect((high[step] - low[step]) / (2 * 1.96 * deviation / Math.sqrt(n))).toBeCloseTo(1, 1);
    }
  });

  it('has no width with one seed, and repeats exactly', () => {
    const curve = Float32Array.of(1, 2, 3);
    expect(bootstrapBand([curve], { draws: 10, level: 0.9, seed: 1 })).toEqual({ low: curve, high: curve });
    const two = [curve, Float32Array.of(2, 0, 1)];
    expect(bootstrapBand(two, { draws: 50, level: 0.9, seed: 1 })).toEqual(bootstrapBand(two, { draws: 50, level: 0.9, seed: 1 }));
  });
});
