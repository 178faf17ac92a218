import type { Estimate } from './estimate.ts';

/** What may stand in a cell: a mean with its interval, words, or nothing. */
export type Cell = Estimate | string | undefined;

/** A table of the report, drawn alike in HTML and in Markdown. */
export interface Table {
  readonly title: string;
  /** What the columns are, and how they were measured. */
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A cell as text: `0.88 [0.80, 0.95]`; the interval and n stand in every cell, so that none is read without them. */
export function cellText(cell: Cell): string {
  if (cell === undefined) return '–';
  if (typeof cell === 'string') return cell;
  return `${figure(cell.value)} [${figure(cell.low)}, ${figure(cell.high)}] n ${cell.n}`;
}

/** A number with as many digits as its interval is worth. */
export function figure(value: number): string {
  const text = value.toFixed(Math.abs(value) < 0.0995 && value !== 0 ? 3 : 2);
  return /^-0\.0+$/.test(text) ? text.slice(1) : text;
}
