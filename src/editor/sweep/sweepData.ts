import { efficienciesOf } from '../../study/efficiency.ts';
import type { SweepOutcome } from '../../study/outcome.ts';
import type { SweepData } from '../../../webview/sweepProtocol.ts';

/** A sweep as its panel needs it; undefined where it has no variants. */
export function sweepContent({ axes, cells, cost }: SweepOutcome): SweepData['sweep'] {
  const first = cells.at(0)?.outcome;
  if (first === undefined) return null;
  return {
    prompt: first.prompt, axes, seeds: first.seeds, cost,
    cells: cells.map(({ at, outcome }) => ({
      at, efficiencies: efficienciesOf(outcome), failed: outcome.edited.flatMap(({ seed, folder }) => (folder === null ? [seed] : [])),
      measures: Object.fromEntries(Object.entries(outcome.measures).map(([name, { value, low, high, n, gain, baseline }]) => [name, { value, low, high, n, gain, baseline }])),
    })),
  };
}

/** Folder of the run of a cell, or of the unedited run, as the outcome names it; null where it failed. */
export function referenceOf({ cells }: SweepOutcome, seed: number, cell: number | null): string | null {
  const outcome = cells.at(cell ?? 0)?.outcome;
  const runs = cell === null ? outcome?.baseline : outcome?.edited;
  return runs?.find((run) => run.seed === seed)?.folder ?? null;
}
