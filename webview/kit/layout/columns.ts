/** Columns of the one axis, over `width` pixels. */
export interface Columns {
  readonly count: number;
  readonly width: number;
}

/** The column under a place on the axis, the nearest one beyond its ends. */
export function columnAt({ count, width }: Columns, x: number): number {
  return Math.min(Math.max(Math.floor((x / width) * count), 0), count - 1);
}

/** Left edge of a column; of `count`, the right end of the axis. */
export function columnLeft({ count, width }: Columns, column: number): number {
  return (column * width) / count;
}

/** A picture of the film strip: it takes the columns [from, to) and shows one of them, the first the first and the last the last. */
export interface Frame {
  readonly from: number;
  readonly to: number;
  readonly column: number;
}

/** As many pictures as stand side by side when each is as wide as the strip is high. */
export function layOutFilm({ count, width }: Columns, height: number): Frame[] {
  const frames = Math.min(count, Math.max(1, Math.floor(width / height)));
  return Array.from({ length: frames }, (_, frame) => ({
    from: Math.round((frame * count) / frames),
    to: Math.round(((frame + 1) * count) / frames),
    column: frames === 1 ? count - 1 : Math.round((frame * (count - 1)) / (frames - 1)),
  }));
}

/** Columns whose step number is written on the axis: round numbers, `apart` pixels from each other or more. */
export function axisTicks(steps: readonly number[], { count, width }: Columns, apart = 28): number[] {
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((size) => (size * width) / count >= apart) ?? 1000;
  const ticks: number[] = [];
  steps.forEach((step, column) => {
    const last = ticks.at(-1);
    if (step % every === 0 && (last === undefined || columnLeft({ count, width }, column - last) >= apart)) ticks.push(column);
  });
  return ticks;
}

/** Columns of the steps in a window closed at both ends. @returns [from, to) or null where it holds none */
export function columnsOfSteps(steps: readonly number[], first: number, last: number): readonly [from: number, to: number] | null {
  const from = steps.findIndex((step) => step >= first);
  const to = steps.findLastIndex((step) => step <= last) + 1;
  return from >= 0 && from < to ? [from, to] : null;
}
