import type { MarkKind, Point, RowPicture } from '../layout/rowPicture.ts';
import type { Palette } from '../../kit/paint/palette.ts';

/** Half the size of a mark. */
const half = 3.5;

/** Paint a concept's row. @param width of the axis */
export function paintRow(context: CanvasRenderingContext2D, picture: RowPicture, width: number, palette: Palette): void {
  const { heat, heatTop, heatBottom, curve, band, base, marks } = picture;
  for (const { x, width: across, level } of heat) {
    context.fillStyle = palette.ramp[level];
    context.fillRect(x, heatTop, across + 0.5, heatBottom - heatTop); // half a pixel more: no seams between columns
  }
  context.lineWidth = 1;
  context.strokeStyle = palette.rule;
  if (palette.highContrast) context.strokeRect(0.5, heatTop + 0.5, width - 1, heatBottom - heatTop - 1);
  if (curve.length > 0) {
    context.globalAlpha = 0.14;
    context.fillStyle = palette.foreground;
    trace(context, [[curve[0][0], base], ...curve, [curve[curve.length - 1][0], base]]);
    context.fill();
    if (band.length > 0) {
      context.globalAlpha = 0.26;
      trace(context, band);
      context.fill();
      context.globalAlpha = 0.7;
      context.strokeStyle = palette.foreground;
      if (palette.highContrast) outline(context, [2, 2]);
    }
    context.globalAlpha = 1;
    context.strokeStyle = palette.foreground;
    context.lineWidth = 1.25;
    trace(context, curve);
    context.stroke();
  }
  for (const mark of marks) paintMark(context, mark.kind, Math.min(Math.max(mark.x, half + 1), width - half - 1), mark.y, palette);
}

/** A mark: a shape that is told apart without colour, on a rim of the page's own colour. */
export function paintMark(context: CanvasRenderingContext2D, kind: MarkKind, x: number, y: number, palette: Palette): void {
  context.beginPath();
  if (kind === 'onset') {
    context.moveTo(x - half + 0.5, y - half);
    context.lineTo(x + half, y);
    context.lineTo(x - half + 0.5, y + half);
  } else if (kind === 'peak') {
    context.arc(x, y, half - 0.5, 0, 2 * Math.PI);
  } else {
    context.moveTo(x, y - half - 0.5);
    context.lineTo(x + half + 0.5, y);
    context.lineTo(x, y + half + 0.5);
    context.lineTo(x - half - 0.5, y);
  }
  context.closePath();
  context.lineWidth = 3;
  context.strokeStyle = palette.background;
  context.stroke();
  context.fillStyle = kind === 'peak' ? palette.background : palette.foreground;
  context.fill();
  context.lineWidth = 1.25;
  context.strokeStyle = palette.foreground;
  context.stroke();
}

function trace(context: CanvasRenderingContext2D, points: readonly Point[]): void {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
}

function outline(context: CanvasRenderingContext2D, dashes: number[]): void {
  context.setLineDash(dashes);
  context.stroke();
  context.setLineDash([]);
}
