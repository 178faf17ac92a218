import type { MarkSpread } from '../../src/concepts/summariseConcepts.ts';
import type { Texts } from './texts.ts';

/** A mark's median step, and its range where the seeds differ; a dash where it does not exist. */
export function mark({ median, low, high }: MarkSpread, texts: Texts): string {
  const step = (value: number | null): string => (value === null ? '–' : String(value));
  return low === high ? step(median) : texts.range(step(median), step(low), step(high));
}

/** The same where there is no room: ± tells that the seeds differ. */
export function shortMark({ median, low, high }: MarkSpread): string {
  return `${median === null ? '–' : String(median)}${low === high ? '' : '±'}`;
}
