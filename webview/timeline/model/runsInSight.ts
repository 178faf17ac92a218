import type { PanelState } from '../../protocol.ts';
import { isComplete } from './timelineModel.ts';
import type { TimelineModel } from './timelineModel.ts';

/** Runs that stand on the stage and in the strip. @param chosen title of the only one to show; null, or of a run that is not there: all */
export function runsShown({ runs }: TimelineModel, chosen: string | null): readonly number[] {
  const only = runs.findIndex(({ title }) => title === chosen);
  return only < 0 ? [...runs.keys()] : [only];
}

/** Runs of those shown that the rows are over: complete ones, and while it runs also those on their way. */
export function runsSummed({ runs }: TimelineModel, shown: readonly number[], state: PanelState): readonly number[] {
  const begun = shown.filter((run) => runs[run].filled.includes(true));
  if (state.kind === 'running') return begun;
  const complete = begun.filter((run) => isComplete(runs[run]));
  return complete.length > 0 ? complete : begun;
}

/** The last column that has come: of the run on its way, else over the runs shown; -1 before the first. */
export function newestColumn({ runs }: TimelineModel, shown: readonly number[], state: PanelState): number {
  const last = (run: number): number => runs[run].filled.lastIndexOf(true);
  const underWay = state.kind === 'running' ? shown.find((run) => runs[run].seed === state.seed && last(run) >= 0) : undefined;
  return underWay === undefined ? Math.max(-1, ...shown.map(last)) : last(underWay);
}
