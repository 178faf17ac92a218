import type { Palette } from '../../kit/paint/palette.ts';
import { placeNames } from '../layout/placeNames.ts';
import type { TradePlot, TradePoint } from '../layout/tradePlot.ts';

/** Which value of the axis in rows a point has; told apart by colour and by shape. */
export interface Group {
  readonly colour: string;
  readonly shape: number;
}

/** Paint the plane of effect and harm: whiskers, the joined front, and a sign for every variant; those of the front are full. */
export function paintTrades(context: CanvasRenderingContext2D, plot: TradePlot, { groupOf, labelOf, chosen, palette }: { groupOf: (cell: number) => Group; labelOf: (cell: number) => string; chosen: number | null; palette: Palette }): void {
  const { points, front, xTicks, yTicks, left, right, top, bottom } = plot;
  context.font = '11px system-ui, sans-serif';
  context.strokeStyle = palette.rule;
  context.fillStyle = palette.quiet;
  context.lineWidth = 1;
  context.textBaseline = 'middle';
  context.globalAlpha = palette.highContrast ? 0.4 : 1;
  for (const { x } of xTicks) line(x, top, x, bottom);
  for (const { y } of yTicks) line(left, y, right, y);
  context.globalAlpha = 1;
  context.textAlign = 'center';
  for (const { value, x } of xTicks) context.fillText(String(value).replace('-', '−'), x, bottom + 12);
  context.textAlign = 'right';
  for (const { value, y } of yTicks) context.fillText(String(value).replace('-', '−'), left - 6, y);

  context.strokeStyle = palette.foreground;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const [x, y] of front) context.lineTo(x, y);
  context.stroke();

  for (const { cell, x, y, across, down } of points) {
    context.strokeStyle = palette.highContrast ? palette.foreground : groupOf(cell).colour;
    context.globalAlpha = 0.55;
    context.lineWidth = 1;
    if (across !== null) line(across[0], y, across[1], y);
    if (down !== null) line(x, down[0], x, down[1]);
    context.globalAlpha = 1;
  }
  for (const point of points) sign(point);
  context.fillStyle = palette.foreground;
  context.textAlign = 'left';
  const best = points.filter((point) => point.best).sort((a, b) => a.y - b.y); // the greatest effect is named first
  for (const { text, x, y } of placeNames(plot, best.map(({ cell, x, y }) => ({ x, y, text: labelOf(cell), width: context.measureText(labelOf(cell)).width })))) {
    context.lineWidth = 3;
    context.strokeStyle = palette.background;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  }

  function sign({ cell, x, y, best }: TradePoint): void {
    const { colour, shape } = groupOf(cell);
    context.beginPath();
    if (shape % 3 === 0) context.arc(x, y, 5, 0, 2 * Math.PI);
    else if (shape % 3 === 1) context.rect(x - 4.5, y - 4.5, 9, 9);
    else {
      context.moveTo(x, y - 6);
      context.lineTo(x + 5.5, y + 4);
      context.lineTo(x - 5.5, y + 4);
      context.closePath();
    }
    context.lineWidth = 3.5;
    context.strokeStyle = palette.background;
    context.stroke();
    context.fillStyle = best ? colour : palette.background;
    context.fill();
    context.lineWidth = 1.75;
    context.strokeStyle = palette.highContrast ? palette.foreground : colour;
    context.stroke();
    if (cell !== chosen) return;
    context.beginPath();
    context.arc(x, y, 10, 0, 2 * Math.PI);
    context.strokeStyle = palette.foreground;
    context.lineWidth = 1.5;
    context.stroke();
  }
  function line(ax: number, ay: number, bx: number, by: number): void {
    context.beginPath();
    context.moveTo(ax, ay);
    context.lineTo(bx, by);
    context.stroke();
  }
}
