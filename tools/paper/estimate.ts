import { bootstrapBand } from '../../src/base/statistics.ts';
import type { Arm, Sample } from './samples.ts';

/** A mean with its 95 % bootstrap interval, and how many pictures it is over. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** What is resampled: prompts x seeds. */
  readonly clusters: number;
}

/** A number of one picture; undefined where it does not apply to it. */
export type Reading = (sample: Sample) => number | undefined;

/** A measure of the edited pictures or of a control. */
export function reading(measure: (sample: Sample) => string, arm: Arm = 'edited'): Reading {
  return (sample) => sample.value(measure(sample), arm);
}

const bootstrap = { draws: 2000, level: 0.95, seed: 20 } as const;

/**
 * The mean of a reading over pictures. Pictures of one prompt and seed are not independent (they start from the same noise), so whole clusters
 * are resampled: percentile bootstrap of the mean of the clusters' means.
 * @returns undefined where no picture has a value
 */
export function estimate(samples: readonly Sample[], read: Reading): Estimate | undefined {
  const means = clusterMeans(samples, read);
  return means.size === 0 ? undefined : { ...interval([...means.values()]), n: samples.filter((sample) => read(sample) !== undefined).length };
}

/**
 * The mean of one group's reading minus the other's, paired by cluster.
 * @returns undefined where no cluster has both
 */
export function difference(first: readonly Sample[], second: readonly Sample[], read: Reading, readSecond = read): Estimate | undefined {
  const [ours, theirs] = [clusterMeans(first, read), clusterMeans(second, readSecond)];
  const pairs = [...ours].flatMap(([cluster, value]) => {
    const other = theirs.get(cluster);
    return other === undefined ? [] : [value - other];
  });
  return pairs.length === 0 ? undefined : { ...interval(pairs), n: pairs.length };
}

function clusterMeans(samples: readonly Sample[], read: Reading): Map<string, number> {
  const values = new Map<string, number[]>();
  for (const sample of samples) {
    const value = read(sample);
    if (value !== undefined) values.set(sample.cluster, [...values.get(sample.cluster) ?? [], value]);
  }
  return new Map([...values].map(([cluster, of]) => [cluster, average(of)]));
}

function interval(values: readonly number[]): Omit<Estimate, 'n'> {
  const { low, high } = bootstrapBand(values.map((value) => Float32Array.of(value)), bootstrap);
  return { value: average(values), low: low[0], high: high[0], clusters: values.length };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
