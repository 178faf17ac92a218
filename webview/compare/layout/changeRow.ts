import { divergingLevel } from '../../../src/report/ramp.ts';
import { columnLeft } from '../../kit/layout/columns.ts';
import type { Columns } from '../../kit/layout/columns.ts';
import type { TwoCourses } from '../model/conceptChanges.ts';

type Point = readonly [x: number, y: number];

/** Boxes and lines of a concept's row, in pixels. */
export interface ChangePicture {
  /** Strength in the unedited run. */
  readonly unedited: readonly Point[];
  /** Strength in the edited run. */
  readonly edited: readonly Point[];
  readonly base: number;
  /** One box per column: level of the ramp of differences. */
  readonly heat: readonly { readonly x: number; readonly width: number; readonly level: number }[];
  readonly heatTop: number;
  readonly heatBottom: number;
}

const heatHeight = 8;
const headroom = 3;

/** Lay out one row: above both courses on one scale, below their difference. @param scale difference at the ends of the ramp */
export function layOutChange({ unedited, edited }: TwoCourses, columns: Columns, height: number, scale: number): ChangePicture {
  const heatTop = height - heatHeight - 2;
  const base = heatTop - 2;
  const top = Math.max(...unedited, ...edited, Number.MIN_VALUE);
  const y = (value: number): number => base - (value / top) * (base - headroom);
  const line = (course: Float32Array): Point[] => {
    const points = Array.from(course, (value, column): Point => [columnLeft(columns, column + 0.5), y(value)]);
    return points.length === 0 ? [] : [[0, points[0][1]], ...points, [columns.width, points[points.length - 1][1]]];
  };
  return {
    unedited: line(unedited), edited: line(edited), base,
    heat: Array.from(unedited, (value, column) => ({ x: columnLeft(columns, column), width: columnLeft(columns, 1), level: divergingLevel(edited[column] - value, scale) })),
    heatTop, heatBottom: height - 2,
  };
}
