import type { MarkSpread } from '../../../src/concepts/summariseConcepts.ts';
import { rampLevel } from '../../../src/report/ramp.ts';
import type { Band } from '../../trace/siteSummary.ts';
import { columnLeft } from '../../kit/layout/columns.ts';
import type { Columns } from '../../kit/layout/columns.ts';

export type Point = readonly [x: number, y: number];
export type MarkKind = 'onset' | 'peak' | 'settle';

/** Boxes and lines of a concept's row, in pixels. */
export interface RowPicture {
  /** One box per column that has come: level of the ramp. */
  readonly heat: readonly { readonly x: number; readonly width: number; readonly level: number }[];
  /** Upper and lower edge of the heat strip. */
  readonly heatTop: number;
  readonly heatBottom: number;
  /** Strength over the columns, scaled to its own maximum. */
  readonly curve: readonly Point[];
  /** Its band, as a closed outline; empty where there is none. */
  readonly band: readonly Point[];
  readonly base: number;
  readonly marks: readonly { readonly kind: MarkKind; readonly x: number; readonly y: number }[];
}

interface RowRequest {
  readonly columns: Columns;
  readonly height: number;
  readonly steps: readonly number[];
  /** [columns]: runs that have got so far. */
  readonly counts: readonly number[];
  readonly gamma: Float32Array;
  readonly typical: number;
  /** Strength at the end of the ramp. */
  readonly scale: number;
  readonly band: Band | undefined;
  readonly marks: Readonly<Record<MarkKind, MarkSpread | undefined>>;
}

const heatHeight = 8;
/** Room above the curve, so that a mark at its peak is not cut. */
const headroom = 4;

/** Lay out one row: above the curve with its band and the marks of onset and peak, below the strip of heat with that of settling. */
export function layOutRow({ columns, height, steps, counts, gamma, typical, scale, band, marks }: RowRequest): RowPicture {
  const heatTop = height - heatHeight - 2;
  const base = heatTop - 2;
  const there = gamma.length === 0 ? [] : [...gamma.keys()].filter((column) => counts[column] > 0);
  const top = Math.max(...(band?.high ?? gamma), Number.MIN_VALUE);
  const y = (value: number): number => base - (value / top) * (base - headroom);
  const middle = (column: number): number => columnLeft(columns, column + 0.5);
  const curve = there.map((column): Point => [middle(column), y(gamma[column])]);
  // The ends reach to the edges of their columns: a single column would otherwise have no length.
  const [first, last] = [there.at(0), there.at(-1)];
  const ends = first === undefined || last === undefined ? undefined : { left: columnLeft(columns, first), right: columnLeft(columns, last + 1) };
  const stretched = (line: readonly Point[]): Point[] => (ends === undefined ? [] : [[ends.left, line[0][1]], ...line, [ends.right, line[line.length - 1][1]]]);
  return {
    heat: there.map((column) => ({ x: columnLeft(columns, column), width: columnLeft(columns, 1), level: rampLevel(gamma[column] / typical, scale) })),
    heatTop, heatBottom: height - 2,
    curve: stretched(curve),
    band: band === undefined ? [] : [
      ...stretched(there.map((column): Point => [middle(column), y(band.high[column])])),
      ...stretched(there.map((column): Point => [middle(column), y(band.low[column])])).reverse(),
    ],
    base,
    marks: (['onset', 'settle', 'peak'] as const).flatMap((kind) => {
      const step = marks[kind]?.median ?? null;
      const column = step === null ? -1 : steps.indexOf(step);
      return column < 0 ? [] : [{ kind, x: middle(column), y: kind === 'peak' ? y(gamma[column]) : kind === 'onset' ? base : (heatTop + height - 2) / 2 }];
    }),
  };
}
