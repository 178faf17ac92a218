import { isCount, isNumber, isText, listOf, orNull, recordFrom, taker } from '../kit/memory.ts';

/** How someone looks at a sweep: everything that a reload must not lose. */
export interface SweepView {
  /** null: the first one. */
  readonly seed: number | null;
  /** Axes down and across; null until someone chooses. */
  readonly rows: number | null;
  readonly columns: number | null;
  /** [axes]: value of those that are neither. */
  readonly fixed: readonly number[];
  /** Measures; null: the likeliest. */
  readonly effect: string | null;
  readonly harm: string | null;
  /** The cell that is shown beside the unedited picture; null: the one with the greatest effect. */
  readonly cell: number | null;
}

export const firstView: SweepView = { seed: null, rows: null, columns: null, fixed: [], effect: null, harm: null, cell: null };

/** What was kept, part by part: what is not as it should be is as at first. */
export function fromMemory(memory: unknown): SweepView {
  const take = taker(recordFrom(memory), firstView);
  return {
    seed: take('seed', orNull(isNumber)), rows: take('rows', orNull(isCount)), columns: take('columns', orNull(isCount)), fixed: take('fixed', listOf(isCount)),
    effect: take('effect', orNull(isText)), harm: take('harm', orNull(isText)), cell: take('cell', orNull(isCount)),
  };
}
