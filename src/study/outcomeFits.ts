import type { ExperimentOutcome, SweepOutcome } from './outcome.ts';

const mostCells = 4096;
const mostSeeds = 4096;

/** What the shape of an outcome alone cannot say: a run and a value for every seed, a time for every step. */
export function fitsSeeds({ seeds, baseline, edited, controls, measures, t, totalSteps }: ExperimentOutcome): boolean {
  const groups = [baseline, edited, ...controls.map(({ runs }) => runs)];
  return seeds.length > 0 && seeds.length <= mostSeeds && t.length === totalSteps
    && groups.every((runs) => runs.length === seeds.length) && Object.values(measures).every(({ perSeed }) => perSeed.length === seeds.length);
}

/** The same of a sweep: its variants lie on its axes. */
export function fitsAxes({ axes, cells }: SweepOutcome): boolean {
  return axes.length > 0 && cells.length <= mostCells && cells.every(({ at }) => at.length === axes.length && at.every((value, axis) => value < axes[axis].values.length));
}
