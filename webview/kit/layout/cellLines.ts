/** A line between two corners of cells, in cells from the top left. */
export type CellLine = readonly [fromColumn: number, fromRow: number, toColumn: number, toRow: number];

/** The lines around the cells of a set. Every straight edge is one line, however many cells it goes along: dashes begin anew with each. @param cut [height, width], 1 where a cell belongs to it */
export function cellLines(cut: Uint8Array, height: number, width: number): CellLine[] {
  const at = (row: number, column: number): number => (row < 0 || column < 0 || row >= height || column >= width ? 0 : cut[row * width + column]);
  const lines: CellLine[] = [];
  for (let row = 0; row <= height; row++) {
    for (const [from, to] of stretches(width, (column) => at(row - 1, column) !== at(row, column))) lines.push([from, row, to, row]);
  }
  for (let column = 0; column <= width; column++) {
    for (const [from, to] of stretches(height, (row) => at(row, column - 1) !== at(row, column))) lines.push([column, from, column, to]);
  }
  return lines;
}

/** Where something holds without a break, as [from, to). */
function stretches(count: number, holds: (index: number) => boolean): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (let index = 0; index < count; index++) {
    if (!holds(index)) continue;
    const last = found.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else found.push([index, index + 1]);
  }
  return found;
}
