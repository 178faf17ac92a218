import type { JSX } from 'preact';
import { columnAt, layOutFilm } from '../../kit/layout/columns.ts';
import type { Columns } from '../../kit/layout/columns.ts';
import { paintFilm } from '../../kit/paint/paintFilm.ts';
import type { PanelStore } from '../panelStore.ts';
import { moveByKey } from './moveByKey.ts';
import { stepText } from './stepText.ts';
import { Canvas } from '../../kit/parts/canvas.tsx';

/** More strips than these would leave no room for the rows. */
const mostStrips = 6;

/** Height of a run's strip. */
function stripHeight(strips: number): number {
  return strips === 1 ? 48 : strips <= 3 ? 36 : 24;
}

/** Previews over the steps, a strip per seed; it is the scrubber, too. */
export function Film({ store, columns }: { readonly store: PanelStore; readonly columns: Columns }): JSX.Element | null {
  const { model, texts, palette, runsShown, cursor } = store;
  if (model === null || columns.count === 0 || runsShown.length === 0) return null;
  const strips = runsShown.slice(0, mostStrips);
  const height = stripHeight(strips.length);
  const frames = layOutFilm(columns, height);
  const density = window.devicePixelRatio || 1;
  const scrub = (event: PointerEvent): void => { store.moveCursor(columnAt(columns, event.clientX - (event.currentTarget as HTMLElement).getBoundingClientRect().left)); };
  return (
    <>
      <div class="film-names">
        {strips.map((run) => {
          const { title } = model.runs[run];
          const only = runsShown.length === 1;
          return (
            <button
              key={run} type="button" class="film-name" style={{ height: `${height}px` }} aria-pressed={only} disabled={model.runs.length === 1} title={title}
              onClick={() => { store.update({ run: only ? null : title }); }}
            >
              {store.nameOfRun(run)}
            </button>
          );
        })}
        {runsShown.length > mostStrips && <span class="quiet">{texts.moreRuns(runsShown.length - mostStrips)}</span>}
      </div>
      <div
        class="film" role="slider" tabIndex={0} aria-label={texts.scrubber} aria-valuemin={model.axis.steps[0]} aria-valuemax={model.axis.steps.at(-1)}
        aria-valuenow={model.axis.steps.at(Math.max(cursor, 0))} aria-valuetext={stepText(store, cursor)}
        onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); scrub(event); }}
        onPointerMove={(event) => { if (event.buttons === 1) scrub(event); }}
        onKeyDown={(event) => { if (moveByKey(store, event.key, 'ends')) event.preventDefault(); }}
      >
        {strips.map((run) => {
          const { previews } = model.runs[run];
          const pictures = frames.map(({ column }) => { const png = previews.at(column) ?? null; return png === null ? null : store.pictures.of(png, Math.ceil(height * density)); });
          return (
            <Canvas
              key={run} width={columns.width} height={height} inputs={[height, columns.width, columns.count, palette, ...pictures]}
              paint={(context) => { paintFilm(context, frames, columns, height, (column) => pictures[frames.findIndex((frame) => frame.column === column)] ?? null, palette); }}
            />
          );
        })}
      </div>
    </>
  );
}
