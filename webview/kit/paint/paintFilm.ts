import { columnLeft } from '../layout/columns.ts';
import type { Columns, Frame } from '../layout/columns.ts';
import type { Palette } from './palette.ts';

/** What can be painted at any size. */
export type Picture = ImageBitmap | OffscreenCanvas;

/** Between pictures. */
const gap = 1;

/**
 * Paint a run's strip of pictures, each cropped to its frame from the middle.
 * @param pictureOf a column: null where there is none yet
 */
export function paintFilm(context: CanvasRenderingContext2D, frames: readonly Frame[], columns: Columns, height: number, pictureOf: (column: number) => Picture | null, palette: Palette): void {
  for (const { from, to, column } of frames) {
    const x = columnLeft(columns, from);
    const width = columnLeft(columns, to) - x - gap;
    const picture = pictureOf(column);
    if (picture === null) {
      context.strokeStyle = palette.rule;
      context.globalAlpha = 0.5;
      context.strokeRect(x + 0.5, 0.5, Math.max(width - 1, 1), height - 1);
      context.globalAlpha = 1;
      continue;
    }
    // Cover the frame: what is cut off falls away on both sides alike.
    const scale = Math.max(width / picture.width, height / picture.height);
    const [across, down] = [width / scale, height / scale];
    context.imageSmoothingEnabled = scale < 1;
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture, (picture.width - across) / 2, (picture.height - down) / 2, across, down, x, 0, width, height);
  }
}
