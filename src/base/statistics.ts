import { TorchGenerator } from './torchRandom.ts';

/** Arithmetic mean; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i];
  }
  return sum / values.length;
}

/** The `q`-quantile with linear interpolation between order statistics, as `numpy.quantile`; NaN of nothing. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted.length === 0 ? NaN : sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/** How a bootstrap is drawn. */
export interface BootstrapOptions {
  /** Number of resamples. */
  readonly draws: number;
  /** Coverage, e.g. 0.95. */
  readonly level: number;
  /** Seed of the resampling, so that a report repeats exactly. */
  readonly seed: number;
}

/**
 * Percentile bootstrap of the mean curve over seeds (Efron and Tibshirani 1993, ch. 13): whole curves are resampled with replacement.
 * @param samples [seeds][steps]
 * @returns the bounds at each step, each [steps]; with one seed both equal its curve
 */
export function bootstrapBand(
  samples: readonly Float32Array[],
  { draws, level, seed }: BootstrapOptions,
): { low: Float32Array; high: Float32Array } {
  const steps = samples[0]?.length ?? 0;
  const generator = new TorchGenerator(seed);
  const means = Array.from({ length: steps }, () => new Float64Array(draws)); // [steps][draws]
  for (let draw = 0; draw < draws; draw++) {
    for (let pick = 0; pick < samples.length; pick++) {
      const curve = samples[Math.floor(generator.random32() / 2 ** 32 * samples.length)];
      for (let step = 0; step < steps; step++) {
        means[step][draw] += curve[step] / samples.length;
      }
    }
  }
  const bound = (q: number): Float32Array => Float32Array.from(means, atStep => quantile(atStep, q));
  return { low: bound((1 - level) / 2), high: bound((1 + level) / 2) };
}
