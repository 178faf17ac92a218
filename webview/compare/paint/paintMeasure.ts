import type { Palette } from '../../kit/paint/palette.ts';
import type { MeasurePlot } from '../../../src/report/studies/measurePlot.ts';

/** Height of a lane, and of the axis below them. */
export const laneHeight = 18;
export const scaleHeight = 18;

/** Room at both ends, so that a dot at the end is whole. */
const margin = 6;

/** Paint a measure's lanes: the interval as a line, the value as a dot - full for the edit, hollow for what it is held against -, each seed as a small tick. */
export function paintMeasure(context: CanvasRenderingContext2D, { lanes, ticks, expected }: MeasurePlot, width: number, palette: Palette): void {
  const x = (share: number): number => margin + share * (width - 2 * margin);
  const bottom = lanes.length * laneHeight;
  context.strokeStyle = palette.rule;
  context.lineWidth = 1;
  context.globalAlpha = palette.highContrast ? 0.5 : 1;
  for (const { at } of ticks) line(Math.round(x(at)) + 0.5, 0, Math.round(x(at)) + 0.5, bottom);
  context.globalAlpha = 1;
  if (expected !== null) {
    const [from, to] = [x(expected.from), x(expected.to)];
    context.globalAlpha = 0.14;
    context.fillStyle = palette.foreground;
    context.fillRect(from, 0, to - from, bottom);
    context.globalAlpha = 1;
    context.strokeStyle = palette.foreground;
    context.setLineDash([3, 2]);
    if (expected.from > 0) line(from, 0, from, bottom);
    if (expected.to < 1) line(to, 0, to, bottom);
    context.setLineDash([]);
  }
  for (const [index, { kind, dot, low, high, seeds }] of lanes.entries()) {
    const y = (index + 0.5) * laneHeight;
    const own = kind === 'edited';
    context.strokeStyle = own ? palette.foreground : palette.quiet;
    context.lineWidth = own ? 2 : 1.25;
    if (low !== null && high !== null) {
      line(x(low), y, x(high), y);
      line(x(low), y - 3, x(low), y + 3);
      line(x(high), y - 3, x(high), y + 3);
    }
    context.lineWidth = 1;
    for (const seed of seeds) line(x(seed), y + 5, x(seed), y + 9);
    if (dot === null) continue;
    context.beginPath();
    context.arc(x(dot), y, own ? 5 : 4, 0, 2 * Math.PI);
    context.fillStyle = own ? palette.foreground : palette.background;
    context.fill();
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

/** Where a share of the axis lies, in pixels. */
export function placeOnScale(share: number, width: number): number {
  return margin + share * (width - 2 * margin);
}
