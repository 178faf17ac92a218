/** Stretches of diffusion time with a name (Tinaz et al. 2025, edit windows). */
export type WindowName = 'early' | 'middle' | 'late';

/** The one axis of a page: a column per recorded step, t falling from 1 (noise) to 0 (image) from left to right. */
export interface TimeAxis {
  /** [columns]: step numbers, ascending. */
  readonly steps: readonly number[];
  /** [columns]: diffusion time. */
  readonly t: readonly number[];
  /** Steps of the whole generation. */
  readonly totalSteps: number;
  /** Contiguous stretches of columns, in order; a window without a column is left out. */
  readonly windows: readonly { readonly name: WindowName; readonly from: number; readonly to: number }[];
  /** Where pictures stand: each takes the columns [from, to) and shows the step of `column`, the first the first and the last the last. */
  readonly frames: readonly { readonly from: number; readonly to: number; readonly column: number }[];
}

/** The window of a time; one on a border is in the earlier. */
export function windowOfTime(t: number): WindowName {
  return t >= 0.6 ? 'early' : t >= 0.2 ? 'middle' : 'late';
}

/** As many pictures as can be told apart on half a page's width. */
const mostFrames = 10;

/** Lay out the axis. A step on the border of two windows stands in the earlier one. */
export function layOutAxis(steps: readonly number[], t: readonly number[], totalSteps: number): TimeAxis {
  const windows: { name: WindowName; from: number; to: number }[] = [];
  t.forEach((time, column) => {
    const last = windows.at(-1);
    if (last?.name === windowOfTime(time)) last.to = column + 1;
    else windows.push({ name: windowOfTime(time), from: column, to: column + 1 });
  });
  const columns = steps.length;
  const count = Math.min(mostFrames, columns);
  const frames = Array.from({ length: count }, (_, frame) => ({
    from: Math.round((frame * columns) / count),
    to: Math.round(((frame + 1) * columns) / count),
    // Spread from the first column to the last; this always falls into [from, to).
    column: count === 1 ? columns - 1 : Math.round((frame * (columns - 1)) / (count - 1)),
  }));
  return { steps, t, totalSteps, windows, frames };
}
