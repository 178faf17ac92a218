import type { JSX } from 'preact';
import type { Columns } from '../../kit/layout/columns.ts';
import type { PanelStore } from '../panelStore.ts';
import { stepText } from './stepText.ts';
import { FilmStrip } from '../../kit/parts/filmStrip.tsx';
import { Scrubber } from '../../kit/parts/scrubber.tsx';

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
  const pictureOf = (png: Uint8Array | null, pixels: number): ImageBitmap | null => (png === null ? null : store.pictures.of(png, pixels));
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
      <Scrubber
        label={texts.scrubber} text={stepText(store, cursor)} steps={model.axis.steps} cursor={() => store.cursor} columns={columns}
        onMove={(column) => { store.moveCursor(column); }}
      >
        {strips.map((run) => <FilmStrip key={run} columns={columns} height={height} palette={palette} pictureOf={(column, pixels) => pictureOf(model.runs[run].previews.at(column) ?? null, pixels)} />)}
      </Scrubber>
    </>
  );
}
