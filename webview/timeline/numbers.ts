import type { MarkSpread } from '../../src/concepts/summariseConcepts.ts';
import type { Texts } from './texts.ts';

/** Two significant digits, and never 1.2e+3. */
export function twoDigits(value: number): string {
  return String(Number(value.toPrecision(2)));
}

/** Diffusion time: two decimals. */
export function time(t: number): string {
  return t.toFixed(2);
}

/** `41 s`, `2.5 min`. */
export function duration(seconds: number, texts: Texts): string {
  return seconds < 90 ? texts.seconds(seconds < 10 ? twoDigits(seconds) : String(Math.round(seconds))) : texts.minutes(twoDigits(seconds / 60));
}

/** A mark's median step, and its range where the seeds differ; a dash where it does not exist. */
export function mark({ median, low, high }: MarkSpread, texts: Texts): string {
  const step = (value: number | null): string => (value === null ? '–' : String(value));
  return low === high ? step(median) : texts.range(step(median), step(low), step(high));
}

/** The same where there is no room: ± tells that the seeds differ. */
export function shortMark({ median, low, high }: MarkSpread): string {
  return `${median === null ? '–' : String(median)}${low === high ? '' : '±'}`;
}
