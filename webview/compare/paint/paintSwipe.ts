import { cellEdges, twoTone } from '../../kit/paint/lines.ts';
import { paintPicture } from '../../kit/paint/paintPicture.ts';
import type { Picture } from '../../kit/paint/paintFilm.ts';
import type { Palette } from '../../kit/paint/palette.ts';
import type { RegionOutline } from '../model/regionOutline.ts';

/** What lies over a picture of the pair. */
interface Over {
  readonly side: number;
  readonly regions: readonly RegionOutline[];
  /** Outline of the chosen concept's map in the unedited run (dotted) and in the edited one; null where none is chosen. */
  readonly maps: { readonly unedited: RegionOutline; readonly edited: RegionOutline } | null;
  readonly palette: Palette;
}

/** Paint the unedited picture left of a line and the edited one right of it. @param split where the line is, [0, 1] */
export function paintSwipe(context: CanvasRenderingContext2D, { unedited, edited, split, ...over }: Over & { readonly unedited: Picture | null; readonly edited: Picture | null; readonly split: number }): void {
  const { side, palette } = over;
  const x = split * side;
  half(unedited, 0, x);
  half(edited, x, side - x);
  paintOver(context, over);
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, side);
  twoTone(context, palette, []);
  // The handle, so that it is seen that the line can be drawn along; whole also at the edges.
  const grip = Math.min(Math.max(x, 8), side - 8);
  context.beginPath();
  context.arc(grip, side - 14, 7, 0, 2 * Math.PI);
  context.fillStyle = palette.background;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = palette.foreground;
  context.stroke();
  context.beginPath();
  for (const way of [-1, 1]) {
    context.moveTo(grip + way * 2, side - 17);
    context.lineTo(grip + way * 4.5, side - 14);
    context.lineTo(grip + way * 2, side - 11);
  }
  context.stroke();

  function half(picture: Picture | null, left: number, width: number): void {
    if (picture === null) {
      context.strokeStyle = palette.rule;
      context.lineWidth = 1;
      context.strokeRect(left + 0.5, 0.5, Math.max(width - 1, 0), side - 1);
      return;
    }
    context.save();
    context.beginPath();
    context.rect(left, 0, width, side);
    context.clip();
    paintPicture(context, picture, side);
    context.restore();
  }
}

/** Paint where two pictures differ. */
export function paintDifference(context: CanvasRenderingContext2D, { picture, ...over }: Over & { readonly picture: Picture | null }): void {
  const { side, palette } = over;
  if (picture === null || palette.highContrast) {
    context.strokeStyle = palette.rule;
    context.lineWidth = 1;
    context.strokeRect(0.5, 0.5, side - 1, side - 1);
  }
  if (picture !== null) paintPicture(context, picture, side);
  paintOver(context, over);
}

function paintOver(context: CanvasRenderingContext2D, { side, regions, maps, palette }: Over): void {
  for (const region of regions) {
    outline(region);
    twoTone(context, palette, [6, 4]);
  }
  if (maps === null) return;
  outline(maps.unedited);
  twoTone(context, palette, [1.5, 2.5]);
  outline(maps.edited);
  twoTone(context, palette, []);

  function outline(region: RegionOutline): void {
    if ('cells' in region) {
      cellEdges(context, region.cells, region.height, region.width, side);
      return;
    }
    context.beginPath();
    for (const [x, y] of region.polygon) context.lineTo(x * side, y * side);
    context.closePath();
  }
}
