import type { Palette } from './palette.ts';

/** Begin a path around the cells of a set. @param cut [height, width], 1 where a cell belongs to it @param side of the square that they lie in */
export function cellEdges(context: CanvasRenderingContext2D, cut: Uint8Array, height: number, width: number, side: number): void {
  const [across, down] = [side / width, side / height];
  const at = (row: number, column: number): number => (row < 0 || column < 0 || row >= height || column >= width ? 0 : cut[row * width + column]);
  context.beginPath();
  for (let row = 0; row <= height; row++) {
    for (let column = 0; column <= width; column++) {
      const [x, y] = [Math.min(Math.max(column * across, 1), side - 1), Math.min(Math.max(row * down, 1), side - 1)];
      if (column < width && at(row - 1, column) !== at(row, column)) {
        context.moveTo(x, y);
        context.lineTo(Math.min((column + 1) * across, side - 1), y);
      }
      if (row < height && at(row, column - 1) !== at(row, column)) {
        context.moveTo(x, y);
        context.lineTo(x, Math.min((row + 1) * down, side - 1));
      }
    }
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
