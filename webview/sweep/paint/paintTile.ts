import { paintPicture } from '../../kit/paint/paintPicture.ts';
import type { Picture } from '../../kit/paint/paintFilm.ts';
import type { Palette } from '../../kit/paint/palette.ts';
import { textOn } from '../layout/tint.ts';

/** Frame of colour around a tile's picture, and the band below it that holds the number. */
const frame = 5;
export const bandHeight = 18;

interface TileRequest {
  readonly side: number;
  readonly picture: Picture | null;
  /** null: there is no value. */
  readonly colour: string | null;
  readonly text: string;
  readonly palette: Palette;
}

/** Paint a variant: its picture in a frame of the colour of its value, the value below it. @param request `side`: width of the tile */
export function paintTile(context: CanvasRenderingContext2D, { side, picture, colour, text, palette }: TileRequest): void {
  const height = side + bandHeight - frame;
  if (colour === null) {
    context.strokeStyle = palette.rule;
    context.strokeRect(0.5, 0.5, side - 1, height - 1);
  } else {
    context.fillStyle = colour;
    context.fillRect(0, 0, side, height);
  }
  if (palette.highContrast && colour !== null) {
    context.strokeStyle = palette.rule;
    context.lineWidth = 1;
    context.strokeRect(0.5, 0.5, side - 1, height - 1);
  }
  if (picture !== null) {
    context.save();
    context.translate(frame, frame);
    paintPicture(context, picture, side - 2 * frame);
    context.restore();
  }
  context.fillStyle = colour === null ? palette.foreground : textOn(colour);
  context.font = '600 12px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(text, side / 2, height - bandHeight / 2 + 1, side - 4);
}
