import { english, phrase, type Phrase } from '../base/phrase.ts';
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
    const verdict = (passed: boolean, reason: Phrase): ExperimentOutcome['expectations'][number] => (
      { measure, ...bounds, value: interval.value, passed, reason: english(reason), reasonPhrase: reason }
    );
    if (interval.value === null) return verdict(false, phrase`there was nothing to measure`);
    const { min, max } = bounds;
    const shown = shownInterval(interval);
    if (min !== undefined && interval.value < min) return verdict(false, phrase`${shown} is below ${min}`);
    if (max !== undefined && interval.value > max) return verdict(false, phrase`${shown} is above ${max}`);
    if (failed > 0) return verdict(false, phrase`${shown}, but ${failed} of the edited runs failed`);
    if (min !== undefined && max !== undefined) return verdict(true, phrase`${shown} is at least ${min} and at most ${max}`);
    return verdict(true, min === undefined ? phrase`${shown} is at most ${max ?? Infinity}` : phrase`${shown} is at least ${min}`);
  });
}

function shownInterval({ value, low, high, n }: Interval): Phrase {
  if (value === null) return phrase`–`;
  return low === null || high === null ? phrase`${digits(value)} (n = ${n})` : phrase`${digits(value)} (95 %: ${digits(low)} to ${digits(high)}, n = ${n})`;
}

/** `0.75 (95 %: 0.5 to 1, n = 4)`. */
export function intervalText(interval: Interval): string {
  return english(shownInterval(interval));
}

/** Three significant digits. */
export function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
