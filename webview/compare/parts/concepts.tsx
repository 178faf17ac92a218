import type { JSX } from 'preact';
import { percent } from '../../../src/report/percent.ts';
import { rampValue } from '../../../src/report/ramp.ts';
import { roundAbove } from '../../kit/layout/roundAbove.ts';
import type { Columns } from '../../kit/layout/columns.ts';
import { columnAt } from '../../kit/layout/columns.ts';
import { cursorByKey } from '../../kit/layout/cursorByKey.ts';
import { memo } from '../../kit/memo.ts';
import type { Palette } from '../../kit/paint/palette.ts';
import { Canvas } from '../../kit/parts/canvas.tsx';
import { RampBar } from '../../kit/parts/rampBar.tsx';
import { Select } from '../../kit/select.tsx';
import type { SiteModel } from '../../trace/siteModel.ts';
import type { CompareStore } from '../compareStore.ts';
import { layOutChange } from '../layout/changeRow.ts';
import { coursesOf } from '../model/conceptChanges.ts';
import type { ConceptChange, TwoCourses } from '../model/conceptChanges.ts';
import { paintChange } from '../paint/paintChange.ts';
import type { CompareTexts } from '../texts.ts';
import { firstRows, moreRows } from '../view.ts';

const rowHeight = 36;

/** Both courses of the concepts, those that changed most first. */
export function Concepts({ store, columns }: { readonly store: CompareStore; readonly columns: Columns }): JSX.Element | null {
  const { model, texts, view, changes, palette } = store;
  if (model === null || columns.count === 0 || model.pair.other === null || model.pair.baseline === null) return null;
  if (store.showsLive) return <p class="nothing">{texts.conceptsLater}</p>;
  if (model.sites.length === 0) return <p class="nothing">{texts.noTraces}</p>;
  const shown = changes?.slice(0, view.rows) ?? [];
  const scale = roundAbove(Math.abs(changes?.at(0)?.change ?? 0));
  const end = percent(rampValue(1, scale));
  return (
    <section class="changes" aria-label={texts.concepts}>
      <div class="changes-head">
        <h2>{texts.concepts}</h2>
        <Select
          label={texts.site} value={view.site ?? ''} options={[{ value: '', text: texts.allSites }, ...model.sites.map(({ key, site }) => ({ value: key, text: site.branch === 'uncond' ? `${site.site} (${texts.without})` : site.site }))]}
          onChange={(site) => { store.update({ site: site === '' ? null : site, rows: firstRows }); }}
        />
        <span class="quiet">{changes === null ? texts.measuring : texts.changedConcepts(changes.length)}</span>
        <span class="quiet">{texts.legendCourses}</span>
        <span class="scale" title={texts.legendChangeHint}>{texts.legendChange} <span>−{end} <RampBar colours={palette.diverging} width={96} /> +{end} {texts.unitPicture}</span></span>
        <span class="numbers headings" aria-hidden="true"><span>{texts.from} → {texts.to}</span><span>{texts.change}</span><span>{texts.atStep}</span></span>
      </div>
      {changes?.length === 0 && <p class="nothing">{texts.noConcepts}</p>}
      {shown.length > 0 && (
        <div
          class="rows" role="listbox" tabIndex={0} aria-label={texts.concepts} aria-activedescendant={activeRow(store, shown)} style={{ height: `${shown.length * rowHeight}px` }}
          onKeyDown={(event) => { if (press(store, event.key, shown)) event.preventDefault(); }}
        >
          {shown.map((change, index) => {
            const site = store.siteOf(change.site);
            if (site === undefined) return null;
            return (
              <ChangeRow
                key={`${change.site} ${change.concept}`} store={store} change={change} site={site} index={index} chosen={isChosen(store, change)} own={isEdited(store, site, change.concept)} name={store.nameOfConcept(site, change.concept)}
                count={columns.count} width={columns.width} scale={scale} palette={palette} texts={texts} step={model.axis.steps[change.column]}
              />
            );
          })}
        </div>
      )}
      {changes !== null && (changes.length > view.rows || view.rows > firstRows) && (
        <div class="fold-room">
          {changes.length > view.rows && <button type="button" class="fold" onClick={() => { store.update({ rows: view.rows + moreRows }); }}>{texts.more(changes.length - view.rows)}</button>}
          {view.rows > firstRows && <button type="button" class="fold" onClick={() => { store.update({ rows: firstRows }); }}>{texts.fewer}</button>}
        </div>
      )}
    </section>
  );
}

interface ChangeRowProps {
  /** For what a press does; all that is drawn stands below. */
  readonly store: CompareStore;
  readonly change: ConceptChange;
  readonly site: SiteModel;
  readonly index: number;
  readonly chosen: boolean;
  /** The edit changes this concept itself. */
  readonly own: boolean;
  readonly name: string;
  readonly count: number;
  readonly width: number;
  readonly scale: number;
  readonly palette: Palette;
  readonly texts: CompareTexts;
  /** Step of the greatest difference. */
  readonly step: number;
}

const ChangeRow = memo((props: ChangeRowProps): JSX.Element => {
  const { store, change, site, index, chosen, own, name, count, width, scale, palette, texts, step } = props;
  const columns = { count, width };
  const courses = coursesOf(site, change.concept);
  const [before, after] = strengthsAt(courses, change.column);
  const [id, ...label] = name.split(' ');
  const signed = signedPercent(change.change);
  return (
    <div
      id={rowId(change)} role="option" aria-selected={chosen} class={`row${chosen ? ' chosen' : ''}`} style={{ transform: `translateY(${index * rowHeight}px)` }}
      aria-label={`${texts.option(name, site.site.site, signed, texts.stepOf(step, site.traces[0].steps.length), percent(before), percent(after))}${own ? `, ${texts.edited}` : ''}`}
      onClick={(event) => {
        const strip = event.target instanceof Element ? event.target.closest('.strip') : null;
        choose(store, change, strip === null ? undefined : columnAt(columns, event.clientX - strip.getBoundingClientRect().left));
      }}
    >
      <span class="name" title={`${name} · ${site.site.site}`}>
        <span class="id">{id}</span>
        <span class="two-lines">
          <span class="label">{label.length > 0 ? label.join(' ') : texts.unnamed}{own && <b class="tag" title={texts.editedHint}>{texts.edited}</b>}</span>
          <span class="site-of">{site.site.site}</span>
        </span>
      </span>
      <span class="strip">
        <Canvas
          width={width} height={rowHeight - 1} inputs={[change, site, width, count, scale, palette]}
          paint={(context) => { paintChange(context, layOutChange(courses, columns, rowHeight - 1, scale), width, palette); }}
        />
      </span>
      <span class="numbers">
        <span>{percent(before)} → {percent(after)}</span>
        <span class="strength">{signed}</span>
        <span>{step}</span>
      </span>
    </div>
  );
});

function strengthsAt({ unedited, edited }: TwoCourses, column: number): readonly [before: number, after: number] {
  return [unedited[column], edited[column]];
}

function signedPercent(share: number): string {
  return `${share > 0 ? '+' : share < 0 ? '−' : ''}${percent(Math.abs(share))}`;
}

function rowId({ site, concept }: ConceptChange): string {
  return `change ${site} ${concept}`.replace(/[^a-zA-Z0-9]/g, '-');
}

function isChosen({ view: { chosen } }: CompareStore, { site, concept }: ConceptChange): boolean {
  return chosen?.site === site && chosen.concept === concept;
}

function activeRow(store: CompareStore, shown: readonly ConceptChange[]): string | undefined {
  const row = shown.find((change) => isChosen(store, change));
  return row === undefined ? undefined : rowId(row);
}

/** The edit names this concept at this site. */
function isEdited({ data }: CompareStore, { site }: SiteModel, concept: number): boolean {
  return (data?.outcome?.edits ?? []).some((edit) => edit.site === site.site && edit.concepts.includes(concept));
}

function choose(store: CompareStore, change: ConceptChange, column?: number): void {
  const again = column === undefined && isChosen(store, change);
  store.update({ chosen: again ? null : { site: change.site, concept: change.concept } });
  if (column !== undefined) store.moveCursor(column);
}

/** Up and down choose a row, left and right move the cursor; Enter leads to the step where the row differs most, Escape lets it go. */
function press(store: CompareStore, key: string, shown: readonly ConceptChange[]): boolean {
  const at = shown.findIndex((change) => isChosen(store, change));
  const moves: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, Home: 0, End: shown.length - 1 };
  if (key in moves) {
    const { site, concept } = shown[Math.min(Math.max(moves[key], 0), shown.length - 1)];
    store.update({ chosen: { site, concept } });
    return true;
  }
  if (key === 'Enter' && at >= 0) {
    store.moveCursor(shown[at].column);
    return true;
  }
  if (key === 'Escape' && at >= 0) {
    store.update({ chosen: null });
    return true;
  }
  const to = cursorByKey(key, store.cursor, store.columns - 1, 'none');
  if (to === undefined) return false;
  store.moveCursor(to);
  return true;
}
