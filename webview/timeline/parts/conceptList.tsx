import { Component, createRef } from 'preact';
import type { JSX } from 'preact';
import { percent } from '../../../src/report/percent.ts';
import type { Columns } from '../../kit/layout/columns.ts';
import { columnAt } from '../../kit/layout/columns.ts';
import type { SiteModel } from '../../trace/siteModel.ts';
import type { PanelStore } from '../panelStore.ts';
import type { Revealed } from '../timelineStore.ts';
import type { ConceptRef } from '../view.ts';
import { rowHeight } from './conceptRow.tsx';
import { moveByKey } from './moveByKey.ts';
import { headingHeight, isShown, rowsInSight, sectionHeight, SiteSection } from './siteSection.tsx';
import { stepText } from './stepText.ts';

interface ConceptListProps {
  readonly store: PanelStore;
  readonly columns: Columns;
}

interface Scrolled {
  readonly top: number;
  readonly window: number;
}

/** All concepts of all sites, of which only the rows in sight exist; the pointer and the keyboard work on it as a whole. */
export class ConceptList extends Component<ConceptListProps, Scrolled> {
  override state: Scrolled = { top: 0, window: 600 };
  readonly #scroller = createRef<HTMLDivElement>();
  readonly #resize = new ResizeObserver(() => { this.#look(); });
  #revealed: Revealed | null = null;

  override componentDidMount(): void {
    if (this.#scroller.current !== null) this.#resize.observe(this.#scroller.current);
    this.#look();
  }

  override componentDidUpdate(): void {
    const { store } = this.props;
    store.rowsInSight = this.#conceptsInSight();
    if (store.listWanted) this.#focus(store.view.chosen?.site);
    store.listWanted = false;
    if (store.revealed === this.#revealed) return;
    this.#revealed = store.revealed;
    this.#showRevealed();
  }

  override componentWillUnmount(): void {
    this.#resize.disconnect();
  }

  override render(): JSX.Element {
    const { store, columns } = this.props;
    const { model, texts } = store;
    const sections = this.#sections();
    return (
      <div
        class="list" ref={this.#scroller} onScroll={() => { this.#look(); }} onKeyDown={(event) => { this.#press(event); }}
        onClick={(event) => { this.#click(event); }} onPointerMove={(event) => { this.#point(event); }} onPointerLeave={() => { store.point(null); }}
      >
        {sections.map(({ site, top }) => <SiteSection key={site.key} store={store} site={site} columns={columns} top={top - this.state.top} window={this.state.window} />)}
        {model !== null && model.sites.length === 0 && store.newest >= 0 && <p class="nothing">{texts.noSites}</p>}
      </div>
    );
  }

  /** Sections with their tops, from the top of the list. */
  #sections(): { readonly site: SiteModel; readonly top: number }[] {
    const { store } = this.props;
    let top = 0;
    return (store.model?.sites ?? []).map((site) => {
      const section = { site, top };
      top += sectionHeight(store, site);
      return section;
    });
  }

  #conceptsInSight(): ConceptRef[] {
    const { store, columns } = this.props;
    return this.#sections().flatMap(({ site, top }) => {
      const summary = store.summary(site);
      if (summary === undefined) return [];
      const { ids } = store.order(summary);
      return rowsInSight({ store, site, columns, top: top - this.state.top, window: this.state.window }).map((index) => ({ site: site.key, concept: ids[index] }));
    });
  }

  /** Which rows are in sight changes only every row's height. */
  #look(): void {
    const scroller = this.#scroller.current;
    if (scroller === null) return;
    const top = Math.floor(scroller.scrollTop / rowHeight) * rowHeight;
    const window = scroller.clientHeight + rowHeight;
    if (top !== this.state.top || window !== this.state.window) this.setState({ top, window });
  }

  #click(event: MouseEvent): void {
    const row = this.#rowOf(event.target);
    if (row === null) return;
    const { store } = this.props;
    if (event.target instanceof Element && event.target.closest('[data-tick]') !== null) store.tick(row);
    else store.choose(row, this.#columnOf(event) ?? undefined);
  }

  #point(event: PointerEvent): void {
    const row = this.#rowOf(event.target);
    const column = this.#columnOf(event);
    const { store } = this.props;
    if (row === null) store.point(null);
    else store.point({ ...row, column }, column === null ? null : { x: event.clientX, y: event.clientY, lines: tipLines(store, row, column) });
  }

  #rowOf(target: EventTarget | null): ConceptRef | null {
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
    const key = row?.closest<HTMLElement>('[data-site]')?.dataset.site;
    const { store } = this.props;
    const site = key === undefined ? undefined : store.siteOf(key);
    const summary = site === undefined ? undefined : store.summary(site);
    const concept = row === null || summary === undefined ? undefined : store.order(summary).ids.at(Number(row.dataset.index));
    return key === undefined || concept === undefined ? null : { site: key, concept };
  }

  /** The column under the pointer, where it is on a strip. */
  #columnOf(event: MouseEvent): number | null {
    const strip = event.target instanceof Element ? event.target.closest('.strip') : null;
    return strip === null ? null : columnAt(this.props.columns, event.clientX - strip.getBoundingClientRect().left);
  }

  #press(event: KeyboardEvent): void {
    const list = event.target instanceof HTMLElement ? event.target.dataset.site : undefined;
    if (list === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const { store } = this.props;
    if (this.#moveRow(list, event.key)) {
      event.preventDefault();
    } else if (moveByKey(store, event.key, 'none')) {
      event.preventDefault();
      store.say(stepText(store, store.cursor));
    } else if (event.key === ' ' && store.view.chosen !== null) {
      event.preventDefault();
      store.tick(store.view.chosen);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      store.insert();
    }
  }

  /** Move the chosen row; beyond the end of a site lies the next open one. */
  #moveRow(list: string, key: string): boolean {
    const { store } = this.props;
    const rows = (store.model?.sites ?? []).filter((site) => isShown(store, site)).flatMap((site) => {
      const summary = store.summary(site);
      return summary === undefined ? [] : store.order(summary).ids.map((concept, index) => ({ site: site.key, concept, index }));
    });
    const { chosen } = store.view;
    const first = rows.findIndex(({ site }) => site === list);
    const at = chosen === null ? -1 : rows.findIndex(({ site, concept }) => site === chosen.site && concept === chosen.concept);
    const page = Math.max(1, Math.floor(this.state.window / rowHeight) - 2);
    const moves: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: rows.length - 1 };
    if (!(key in moves) || rows.length === 0) return false;
    const to = at < 0 && key !== 'End' ? first : Math.min(Math.max(moves[key], 0), rows.length - 1);
    const row = rows[to];
    store.choose({ site: row.site, concept: row.concept });
    this.#scrollTo(row.site, row.index);
    if (row.site !== list) this.#focus(row.site);
    return true;
  }

  /** Give the focus to the rows of a site, or to the first rows there are. */
  #focus(site: string | undefined): void {
    const lists = [...this.#scroller.current?.querySelectorAll<HTMLElement>('[data-site]') ?? []];
    (lists.find(({ dataset }) => dataset.site === site) ?? lists.at(0))?.focus({ preventScroll: true });
  }

  /** Bring a row into sight, clear of the heading that stays on top. */
  #scrollTo(key: string, index: number): void {
    const scroller = this.#scroller.current;
    const section = this.#sections().find(({ site }) => site.key === key);
    if (scroller === null || section === undefined) return;
    const top = section.top + headingHeight + index * rowHeight;
    if (top - headingHeight < scroller.scrollTop) scroller.scrollTop = top - headingHeight;
    else if (top + rowHeight > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + rowHeight - scroller.clientHeight;
  }

  #showRevealed(): void {
    const { store } = this.props;
    const site = store.model?.sites.find((candidate) => candidate.site.site === this.#revealed?.site);
    const summary = site === undefined ? undefined : store.summary(site);
    if (summary === undefined) return;
    const index = store.order(summary).ids.findIndex((id) => this.#revealed?.concepts.includes(id));
    if (index >= 0) this.#scrollTo(summary.site.key, index);
  }
}

/** `312 red house`, `step 7 of 30 (t 0.77)`, `strength 12 % of the picture`, `9.8 % to 15 %, 95 % over 3 seeds`. */
function tipLines(store: PanelStore, concept: ConceptRef, column: number): string[] {
  const { texts } = store;
  const site = store.siteOf(concept.site);
  const summary = site === undefined ? undefined : store.summary(site);
  if (summary === undefined) return [];
  const { gamma, typical } = summary.facts(concept.concept);
  const band = summary.hasBand(concept.concept) ? summary.band(concept.concept) : undefined;
  const interval = band === undefined ? store.countOfRuns(summary.counts[column]) : texts.interval(percent(band.low[column] / typical), percent(band.high[column] / typical), store.countOfRuns(summary.counts[column]));
  const strength = summary.counts[column] === 0 ? texts.notYet : `${texts.strength} ${texts.ofPicture(percent(gamma[column] / typical))}`;
  return [store.nameOf(concept), stepText(store, column), strength, ...(summary.counts[column] === 0 ? [] : [interval])];
}
