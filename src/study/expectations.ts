import type { Bounds } from './experimentPlan.ts';
import type { ExperimentOutcome, Interval } from './outcome.ts';

/**
 * Hold what was measured against what was expected.
 * @param measured by measure. @param failed how many of the edited runs failed: then nothing passes, as what is left is a choice of seeds
 */
export function checkExpectations(
  expect: Readonly<Record<string, Bounds>>, measured: Readonly<Record<string, Interval>>, failed: number,
): ExperimentOutcome['expectations'] {
  return Object.entries(expect).map(([measure, bounds]) => {
    const interval = measured[measure];
    const { value } = interval;
    if (value === null) return { measure, ...bounds, value, passed: false, reason: 'there was nothing to measure' };
    const { min = -Infinity, max = Infinity } = bounds;
    const shown = intervalText(interval);
    if (value < min) return { measure, ...bounds, value, passed: false, reason: `${shown} is below ${min}` };
    if (value > max) return { measure, ...bounds, value, passed: false, reason: `${shown} is above ${max}` };
    if (failed > 0) return { measure, ...bounds, value, passed: false, reason: `${shown}, but ${failed} of the edited runs failed` };
    const kept = [...(min > -Infinity ? [`at least ${min}`] : []), ...(max < Infinity ? [`at most ${max}`] : [])].join(' and ');
    return { measure, ...bounds, value, passed: true, reason: `${shown} is ${kept}` };
  });
}

/** `0.75 (95 %: 0.5 to 1, n = 4)`. */
export function intervalText({ value, low, high, n }: Interval): string {
  if (value === null) return '–';
  return low === null || high === null ? `${digits(value)} (n = ${n})` : `${digits(value)} (95 %: ${digits(low)} to ${digits(high)}, n = ${n})`;
}

/** Three significant digits. */
export function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
