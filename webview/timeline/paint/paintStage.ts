import { cutMap } from '../../../src/concepts/maps.ts';
import { cellEdges, twoTone } from '../../kit/paint/lines.ts';
import { paintPicture } from '../../kit/paint/paintPicture.ts';
import type { Drawing, Point } from '../region/drawing.ts';
import { maskOf } from '../region/drawing.ts';
import type { PaintedMask } from '../region/paintedMask.ts';
import type { Palette } from '../../kit/paint/palette.ts';

/** A concept's map on the stage. */
export interface StageMap {
  /** [height, width] */
  readonly map: Float32Array;
  readonly height: number;
  readonly width: number;
  /** z that is drawn at full opacity. */
  readonly reach: number;
  readonly colour: string;
  /** Which pattern tells it apart where colour must not. */
  readonly pattern: number;
  /** Drawn as an outline alone: it is only pointed at. */
  readonly outline: boolean;
}

interface StageRequest {
  readonly side: number;
  readonly picture: ImageBitmap | null;
  readonly maps: readonly StageMap[];
  readonly opacity: number;
  readonly smooth: boolean;
  readonly drawing: Drawing;
  /** Where the keyboard's crosshair stands. */
  readonly crosshair: Point | null;
  readonly palette: Palette;
}

/** Paint one run's picture with the maps and the region over it. */
export function paintStage(context: CanvasRenderingContext2D, request: StageRequest): void {
  const { side, picture, maps, palette } = request;
  if (picture === null) {
    context.strokeStyle = palette.rule;
    context.strokeRect(0.5, 0.5, side - 1, side - 1);
  } else {
    paintPicture(context, picture, side);
  }
  if (maps.some(({ outline }) => !outline)) {
    // The picture steps back, so that colour on it is the maps' alone.
    context.globalCompositeOperation = 'saturation';
    context.globalAlpha = 0.75;
    context.fillStyle = '#808080';
    context.fillRect(0, 0, side, side);
    context.globalCompositeOperation = 'source-over';
    context.globalAlpha = 1;
  }
  for (const map of maps) paintMap(context, map, request);
  paintRegion(context, request);
}

function paintMap(context: CanvasRenderingContext2D, { map, height, width, reach, colour, pattern, outline }: StageMap, { side, opacity, smooth, palette }: StageRequest): void {
  const [across, down] = [side / width, side / height];
  if (!outline && reach > 0) {
    if (smooth) {
      paintSmoothly(context, map, height, width, reach, colour, opacity, side);
    } else {
      context.fillStyle = colour;
      for (let cell = 0; cell < map.length; cell++) {
        if (map[cell] <= 0) continue;
        context.globalAlpha = opacity * Math.min(map[cell] / reach, 1);
        const [x, y] = [(cell % width) * across, Math.floor(cell / width) * down];
        context.fillRect(x, y, across, down);
      }
      context.globalAlpha = 1;
    }
  }
  const cut = cutMap(map);
  if (palette.highContrast && !outline) hatch(context, cut, height, width, side, colour, pattern);
  cellEdges(context, cut, height, width, side);
  // A rim below the line keeps it visible on any picture.
  context.strokeStyle = palette.dark ? '#000000' : '#ffffff';
  context.globalAlpha = outline ? 0.8 : 0.5;
  context.lineWidth = outline ? 4 : 3;
  context.stroke();
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = outline ? 2 : 1.5;
  context.setLineDash(palette.highContrast ? dashes[pattern % dashes.length] : []);
  context.stroke();
  context.setLineDash([]);
}

/** Told apart without colour: dashes of the outline, and the way the hatching runs. */
const dashes = [[], [6, 2], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3], [10, 3]];

/** Asked for: the map between its cells, as a smooth cloud. */
function paintSmoothly(context: CanvasRenderingContext2D, map: Float32Array, height: number, width: number, reach: number, colour: string, opacity: number, side: number): void {
  const small = new OffscreenCanvas(width, height);
  const cells = small.getContext('2d');
  if (cells === null) return;
  const image = cells.createImageData(width, height);
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  for (let cell = 0; cell < map.length; cell++) image.data.set([red, green, blue, 255 * opacity * Math.min(map[cell] / reach, 1)], 4 * cell);
  cells.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, side, side);
}

function hatch(context: CanvasRenderingContext2D, cut: Uint8Array, height: number, width: number, side: number, colour: string, pattern: number): void {
  context.save();
  context.beginPath();
  for (let cell = 0; cell < cut.length; cell++) {
    if (cut[cell] === 1) context.rect((cell % width) * (side / width), Math.floor(cell / width) * (side / height), side / width, side / height);
  }
  context.clip();
  context.beginPath();
  const every = 6 + 2 * (pattern >> 1);
  for (let offset = -side; offset < 2 * side; offset += every) {
    const rising = pattern % 2 === 0;
    context.moveTo(offset, rising ? side : 0);
    context.lineTo(offset + side, rising ? 0 : side);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.stroke();
  context.restore();
}

function paintRegion(context: CanvasRenderingContext2D, { side, drawing, crosshair, palette }: StageRequest): void {
  const { tool, region, draft } = drawing;
  const at = ([x, y]: Point): Point => [x * side, y * side];
  context.beginPath();
  if (tool === 'box' && draft.length === 2) box(draft[0], draft[1]);
  else if (tool === 'polygon' && draft.length > 0) draft.map(at).forEach(([x, y]) => { context.lineTo(x, y); });
  else if (region !== null && typeof region === 'object' && 'box' in region) box([region.box[0], region.box[1]], [region.box[2], region.box[3]]);
  else if (region !== null && typeof region === 'object' && 'polygon' in region) {
    region.polygon.map(at).forEach(([x, y]) => { context.lineTo(x, y); });
    context.closePath();
  }
  const mask = maskOf(drawing);
  if (mask !== null) maskEdges(mask);
  twoTone(context, palette, [6, 4]);
  if (crosshair !== null) {
    const [x, y] = at(crosshair);
    context.beginPath();
    context.moveTo(x - 8, y);
    context.lineTo(x + 8, y);
    context.moveTo(x, y - 8);
    context.lineTo(x, y + 8);
    twoTone(context, palette, []);
  }

  function box([ax, ay]: Point, [bx, by]: Point): void {
    context.rect(ax * side, ay * side, (bx - ax) * side, (by - ay) * side);
  }
  function maskEdges({ width, height, data }: PaintedMask): void {
    cellEdges(context, data.map((value) => value >> 7), height, width, side);
  }
}
