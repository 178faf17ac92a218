/** The rows [from, to) of a list that a scrolled window shows, and some around them. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/**
 * @param top where the list begins, relative to the top of the window: negative once it has scrolled past
 * @param around rows beyond either edge, drawn so that a small scroll finds them there
 */
export function visibleRows(top: number, window: number, rowHeight: number, count: number, around: number): RowRange {
  const clamp = (row: number): number => Math.min(Math.max(row, 0), count);
  return { from: clamp(Math.floor(-top / rowHeight) - around), to: clamp(Math.ceil((window - top) / rowHeight) + around) };
}
