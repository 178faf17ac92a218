import { cellLines } from '../layout/cellLines.ts';
import type { Palette } from './palette.ts';

/** Begin a path around the cells of a set. @param cut [height, width], 1 where a cell belongs to it @param side of the square that they lie in */
export function cellEdges(context: CanvasRenderingContext2D, cut: Uint8Array, height: number, width: number, side: number): void {
  const place = (cell: number, count: number): number => Math.min(Math.max((cell * side) / count, 1), side - 1);
  context.beginPath();
  for (const [fromColumn, fromRow, toColumn, toRow] of cellLines(cut, height, width)) {
    context.moveTo(place(fromColumn, width), place(fromRow, height));
    context.lineTo(place(toColumn, width), place(toRow, height));
  }
}

/** Draw the path as a line that is seen on any picture: the text's colour on a rim of the page's. */
export function twoTone(context: CanvasRenderingContext2D, { background, foreground }: Palette, dash: number[]): void {
  context.lineWidth = 3;
  context.strokeStyle = background;
  context.stroke();
  context.lineWidth = 1.5;
  context.strokeStyle = foreground;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}
