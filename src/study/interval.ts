import { mean, quantile } from '../base/statistics.ts';
import { TorchGenerator } from '../base/torchRandom.ts';
import type { Interval } from './outcome.ts';

/** Resamples of a bootstrap: bounds at 2.5 and 97.5 % hang on some 50 of them. */
const resamples = 2000;

/**
 * Mean with its percentile bootstrap interval (95 %; Efron and Tibshirani 1993, ch. 13). Only with two samples or more is there an interval.
 * @param values null where there is no sample
 */
export function meanInterval(values: readonly (number | null)[]): Interval {
  return crossedInterval([values]);
}

/**
 * The same for draws x seeds: rows and columns are resampled independently of each other, so that neither a lucky draw nor a lucky seed passes for
 * certainty (crossed random effects; Owen 2007). With one row it is the plain bootstrap over seeds.
 * @param values [draws][seeds]
 */
export function crossedInterval(values: readonly (readonly (number | null)[])[]): Interval {
  const known = values.flat().filter((value) => value !== null);
  if (known.length === 0) return { value: null, low: null, high: null, n: 0 };
  const value = mean(known);
  if (known.length === 1) return { value, low: null, high: null, n: 1 };
  const rows = values.filter((row) => row.some((entry) => entry !== null));
  const columns = rows[0].map((_, column) => column).filter((column) => rows.some((row) => row[column] !== null));
  const random = new TorchGenerator(0);
  const pick = <T>(items: readonly T[]): T[] => items.map(() => items[Math.floor(random.random32() / 2 ** 32 * items.length)]);
  const means: number[] = [];
  for (let draw = 0; draw < resamples; draw++) {
    const seeds = pick(columns);
    const sample = pick(rows).flatMap((row) => seeds.flatMap((column) => row[column] ?? []));
    if (sample.length > 0) means.push(mean(sample));
  }
  return { value, low: quantile(means, 0.025), high: quantile(means, 0.975), n: known.length };
}
