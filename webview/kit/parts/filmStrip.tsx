import type { JSX } from 'preact';
import { layOutFilm } from '../layout/columns.ts';
import type { Columns } from '../layout/columns.ts';
import { paintFilm } from '../paint/paintFilm.ts';
import type { Palette } from '../paint/palette.ts';
import type { Pictures } from '../paint/pictures.ts';
import { Canvas } from './canvas.tsx';

interface FilmStripProps {
  /** [columns]: PNGs; null where there is none. */
  readonly previews: readonly (Uint8Array | null)[];
  readonly columns: Columns;
  readonly height: number;
  readonly pictures: Pictures;
  readonly palette: Palette;
}

/** The pictures of one run along the axis. */
export function FilmStrip({ previews, columns, height, pictures, palette }: FilmStripProps): JSX.Element {
  const frames = layOutFilm(columns, height);
  const density = window.devicePixelRatio || 1;
  const shown = frames.map(({ column }) => { const png = previews.at(column) ?? null; return png === null ? null : pictures.of(png, Math.ceil(height * density)); });
  return (
    <Canvas
      width={columns.width} height={height} inputs={[height, columns.width, columns.count, palette, ...shown]}
      paint={(context) => { paintFilm(context, frames, columns, height, (column) => shown[frames.findIndex((frame) => frame.column === column)] ?? null, palette); }}
    />
  );
}
