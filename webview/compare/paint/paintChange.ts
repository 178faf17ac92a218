import type { Palette } from '../../kit/paint/palette.ts';
import type { ChangePicture } from '../layout/changeRow.ts';

/** Paint a concept's row: the unedited course as dots, the edited one as a line, their difference as colour. @param width of the axis */
export function paintChange(context: CanvasRenderingContext2D, { unedited, edited, base, heat, heatTop, heatBottom }: ChangePicture, width: number, palette: Palette): void {
  for (const { x, width: across, level } of heat) {
    context.fillStyle = palette.diverging[level];
    context.fillRect(x, heatTop, across + 0.5, heatBottom - heatTop); // half a pixel more: no seams between columns
  }
  const middle = (palette.diverging.length - 1) / 2;
  if (palette.highContrast) {
    context.strokeStyle = palette.rule;
    context.lineWidth = 1;
    context.strokeRect(0.5, heatTop + 0.5, width - 1, heatBottom - heatTop - 1);
    // A loss is dashed through its middle, where colour must not tell it from a gain.
    context.strokeStyle = palette.foreground;
    context.setLineDash([3, 3]);
    context.beginPath();
    for (const { x, width: across, level } of heat) {
      if (level >= middle - 1) continue;
      context.moveTo(x, (heatTop + heatBottom) / 2);
      context.lineTo(x + across, (heatTop + heatBottom) / 2);
    }
    context.stroke();
    context.setLineDash([]);
  }
  if (edited.length === 0) return;
  context.fillStyle = palette.foreground;
  context.globalAlpha = 0.14;
  trace(context, [[edited[0][0], base], ...edited, [edited[edited.length - 1][0], base]]);
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = palette.foreground;
  context.lineWidth = 1.5;
  trace(context, edited);
  context.stroke();
  context.lineWidth = 1.25;
  context.setLineDash([1.5, 2.5]);
  trace(context, unedited);
  context.stroke();
  context.setLineDash([]);
}

function trace(context: CanvasRenderingContext2D, points: readonly (readonly [x: number, y: number])[]): void {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
}
