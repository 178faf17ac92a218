import type { PanelRun } from '../protocol.ts';
import type { Texts } from './texts.ts';

type Runs = readonly Pick<PanelRun, 'seed' | 'title'>[];

/** `seed 0`, or where that does not tell runs apart, all that does. */
export function nameOfRun(runs: Runs, run: number, texts: Texts): string {
  return differInSeed(runs) ? texts.seed(runs[run].seed) : runs[run].title;
}

/** `3 seeds`, or where seeds come twice, `3 runs`. */
export function countOfRuns(runs: Runs, count: number, texts: Texts): string {
  return differInSeed(runs) ? texts.overSeeds(count) : texts.overRuns(count);
}

/** Runs differ in their seed alone, or at least in that. */
function differInSeed(runs: Runs): boolean {
  return new Set(runs.map(({ seed }) => seed)).size === runs.length;
}
