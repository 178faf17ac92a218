import type { JSX } from 'preact';
import { time } from '../../kit/numbers.ts';
import { percent } from '../../../src/report/percent.ts';
import { rampValue } from '../../../src/report/ramp.ts';
import { columnLeft } from '../../kit/layout/columns.ts';
import type { Columns } from '../../kit/layout/columns.ts';
import type { Picture } from '../../kit/paint/paintFilm.ts';
import { FilmStrip } from '../../kit/parts/filmStrip.tsx';
import { RampBar } from '../../kit/parts/rampBar.tsx';
import { Scrubber } from '../../kit/parts/scrubber.tsx';
import { Ticks } from '../../kit/parts/ticks.tsx';
import type { CompareStore } from '../compareStore.ts';
import { editWindows } from '../layout/editWindows.ts';
import { stepText } from './stepText.ts';

const stripHeight = 40;
const differenceHeight = 28;

/** Strips under one axis: the unedited run, the difference, and what stands beside it; while it runs, the control in the making; the scrubber, too. */
export function Film({ store, columns }: { readonly store: CompareStore; readonly columns: Columns }): JSX.Element | null {
  const { model, texts, palette, cursor, liveControl } = store;
  if (model === null || columns.count === 0) return null;
  const pictureIn = (strip: readonly (Uint8Array | null)[] | undefined, column: number, pixels: number): Picture | null => {
    const png = strip?.at(column) ?? null;
    return png === null ? null : store.pictures.of(png, pixels);
  };
  const previews = (run: 'baseline' | 'other') => (column: number, pixels: number) => pictureIn(model.pair[run]?.previews, column, pixels);
  const scale = store.differenceScale;
  const density = cursor < 0 ? null : store.differenceAt(cursor);
  return (
    <>
      <div class="film-names">
        <span style={{ height: `${stripHeight}px` }}>{texts.kinds.unedited}</span>
        <span style={{ height: `${differenceHeight}px` }} class="quiet" title={texts.differenceHint}>{texts.difference}</span>
        <span style={{ height: `${stripHeight}px` }}><b>{store.nameOfOther}</b></span>
        {liveControl !== null && <span style={{ height: `${stripHeight}px` }}>{liveControl.name}</span>}
      </div>
      <Scrubber label={texts.scrubber} text={stepText(store, cursor)} steps={model.axis.steps} cursor={() => store.cursor} columns={columns} onMove={(column) => { store.moveCursor(column); }}>
        <FilmStrip columns={columns} height={stripHeight} palette={palette} pictureOf={previews('baseline')} />
        <FilmStrip
          columns={columns} height={differenceHeight} palette={palette}
          pictureOf={(column) => { const difference = store.differenceAt(column); return difference === null ? null : store.differencePictures.picture(difference, palette.ramp, scale); }}
        />
        <FilmStrip columns={columns} height={stripHeight} palette={palette} pictureOf={previews('other')} />
        {liveControl !== null && <FilmStrip columns={columns} height={stripHeight} palette={palette} pictureOf={(column, pixels) => pictureIn(liveControl.previews, column, pixels)} />}
      </Scrubber>
      <div class="film-facts">
        {store.parting >= 0 && (
          <span class="scale" title={texts.differenceHint}>
            {texts.differenceOfColour}
            <span>{percent(0)} <RampBar colours={palette.ramp} width={64} /> {percent(rampValue(1, scale))}</span>
          </span>
        )}
        {density !== null && <span class="quiet">{texts.meanDifference(percent(density.mean))}</span>}
        <Parting store={store} />
      </div>
    </>
  );
}

function Parting({ store }: { readonly store: CompareStore }): JSX.Element | null {
  const { texts, parting, allCompared, model } = store;
  if (model === null || (parting < 0 && !allCompared)) return null;
  return <b class="parting-text" title={texts.partsHint}>{parting < 0 ? texts.neverPart : texts.parts(texts.stepOf(model.axis.steps[parting], model.axis.totalSteps))}</b>;
}

/** The one time axis: windows, steps, and when the edits act. */
export function Axis({ store, columns }: { readonly store: CompareStore; readonly columns: Columns }): JSX.Element | null {
  const { model, texts, edits } = store;
  if (model === null || columns.count === 0) return <div class="axis" />;
  const { axis } = model;
  return (
    <div class="axis still">
      {axis.windows.map(({ name, from, to }) => (
        <span
          key={name} class="window" title={`${texts[name]}: t ${time(axis.t[from])} – ${time(axis.t[to - 1])}`}
          style={{ left: `${columnLeft(columns, from)}px`, width: `${columnLeft(columns, to) - columnLeft(columns, from)}px` }}
        >
          {texts[name]}
        </span>
      ))}
      <Ticks steps={axis.steps} columns={columns} />
      {editWindows(edits, axis.steps).map(({ from, to, first, last }) => (
        <span
          key={`${from} ${to}`} class="acts" title={texts.editWindow(texts.editActs, first, last)}
          style={{ left: `${columnLeft(columns, from)}px`, width: `${columnLeft(columns, to) - columnLeft(columns, from)}px` }}
        />
      ))}
    </div>
  );
}
