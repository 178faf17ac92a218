import type { JSX } from 'preact';
import { layOutFilm } from '../layout/columns.ts';
import type { Columns } from '../layout/columns.ts';
import { paintFilm } from '../paint/paintFilm.ts';
import type { Picture } from '../paint/paintFilm.ts';
import type { Palette } from '../paint/palette.ts';
import { Canvas } from './canvas.tsx';

interface FilmStripProps {
  readonly columns: Columns;
  readonly height: number;
  readonly palette: Palette;
  /** The picture of a column, the same object for the same picture; null where there is none yet. @param height wanted, in device pixels */
  readonly pictureOf: (column: number, height: number) => Picture | null;
}

/** Pictures of one kind along the axis. */
export function FilmStrip({ columns, height, palette, pictureOf }: FilmStripProps): JSX.Element {
  const frames = layOutFilm(columns, height);
  const pixels = Math.ceil(height * (window.devicePixelRatio || 1));
  const shown = frames.map(({ column }) => pictureOf(column, pixels));
  return (
    <Canvas
      width={columns.width} height={height} inputs={[height, columns.width, columns.count, palette, ...shown]}
      paint={(context) => { paintFilm(context, frames, columns, height, (column) => shown[frames.findIndex((frame) => frame.column === column)] ?? null, palette); }}
    />
  );
}
