import type { JSX } from 'preact';
import type { Columns } from '../../kit/layout/columns.ts';
import { visibleRows } from '../layout/visibleRows.ts';
import type { SiteModel } from '../../trace/siteModel.ts';
import type { PanelStore } from '../panelStore.ts';
import { sameConcept } from '../view.ts';
import { ConceptRow, rowHeight } from './conceptRow.tsx';

/** Height of a site's heading, and of the line that folds. */
export const headingHeight = 28;
/** Rows drawn beyond either edge of what shows. */
const around = 2;

interface SiteSectionProps {
  readonly store: PanelStore;
  readonly site: SiteModel;
  readonly columns: Columns;
  /** Top of the section relative to the top of the window it scrolls in, and that window's height. */
  readonly top: number;
  readonly window: number;
}

/** A site: its heading, and when open the rows of its concepts that are in sight. */
export function SiteSection({ store, site, columns, top, window }: SiteSectionProps): JSX.Element {
  const { texts, view } = store;
  const summary = store.summary(site);
  const shape = site.site;
  const open = isShown(store, site);
  const order = summary === undefined ? undefined : store.order(summary);
  const [scale, over] = [store.scale, store.countOfRuns(summary?.runs.length ?? 0)];
  const inSight = rowsInSight({ store, site, columns, top, window });
  const active = inSight.find((index) => sameConcept(view.chosen, { site: site.key, concept: order?.ids[index] ?? -1 })); // only what is drawn can be pointed to
  const idle = view.idle.includes(site.key);
  const name = `${shape.site}${shape.branch === 'uncond' ? ` (${texts.without})` : ''}`;
  const facts = summary === undefined ? texts.siteLoading(shape.n, shape.height, shape.width) : texts.siteFacts(summary.active.length, shape.n, shape.height, shape.width);
  return (
    <section class="site">
      <h2 class="site-heading">
        <button type="button" aria-expanded={open} onClick={() => { store.toggleSite(site); }}>
          <span class="twistie" aria-hidden="true" />
          <span class="site-name">{name}</span>
          <span class="site-facts">{view.search !== '' && order !== undefined ? texts.found(order.ids.length) : facts}</span>
        </button>
      </h2>
      {open && summary !== undefined && order !== undefined && order.ids.length > 0 && (
        <div
          class="rows" role="listbox" aria-multiselectable="true" aria-label={texts.conceptsOf(name)} tabIndex={0} data-site={site.key}
          aria-activedescendant={active === undefined ? undefined : optionId(site.key, order.ids[active])}
          style={{ height: `${order.ids.length * rowHeight}px` }}
        >
          {inSight.map((index) => {
            const id = order.ids[index];
            const concept = { site: site.key, concept: id };
            return (
              <ConceptRow
                key={id} optionId={optionId(site.key, id)} summary={summary} facts={summary.facts(id)} band={summary.hasBand(id) ? summary.band(id) : undefined} settle={store.settle(summary, id)}
                index={index} count={order.ids.length} colour={store.ticked.find((ticked) => sameConcept(ticked, concept))?.colour ?? null}
                chosen={sameConcept(view.chosen, concept)} revealed={store.revealed?.site === shape.site && store.revealed.concepts.includes(id)}
                linked={sameConcept(store.pointed, concept)} columns={columns} scale={scale} over={over} palette={store.palette} texts={texts}
              />
            );
          })}
        </div>
      )}
      {open && order?.ids.length === 0 && <p class="nothing">{view.search === '' ? texts.nothingActive : texts.nothingFound}</p>}
      {open && order !== undefined && (order.folded > 0 || (idle && view.search === '')) && (
        <button type="button" class="fold" aria-expanded={idle} onClick={() => { store.update({ idle: idle ? view.idle.filter((key) => key !== site.key) : [...view.idle, site.key] }); }}>
          <span class="twistie" aria-hidden="true" />{idle ? texts.foldAgain : texts.folded(order.folded)}
        </button>
      )}
    </section>
  );
}

/** A search opens the sites where it finds something. */
export function isShown(store: PanelStore, site: SiteModel): boolean {
  if (store.view.search === '') return store.isOpen(site);
  const summary = store.summary(site);
  return summary === undefined ? store.isOpen(site) : store.order(summary).ids.length > 0;
}

/** Height of a section, as it is drawn. */
export function sectionHeight(store: PanelStore, site: SiteModel): number {
  if (!isShown(store, site)) return headingHeight;
  const summary = store.summary(site);
  if (summary === undefined) return headingHeight;
  const { ids, folded } = store.order(summary);
  const folds = folded > 0 || (store.view.search === '' && store.view.idle.includes(site.key));
  return headingHeight + (ids.length === 0 ? headingHeight : ids.length * rowHeight) + (folds ? headingHeight : 0);
}

/** Indices of the rows that are drawn. */
export function rowsInSight({ store, site, top, window }: SiteSectionProps): number[] {
  const summary = store.summary(site);
  if (summary === undefined || !isShown(store, site)) return [];
  const { ids } = store.order(summary);
  const { from, to } = visibleRows(top + headingHeight, window, rowHeight, ids.length, around);
  return Array.from({ length: to - from }, (_, at) => from + at);
}

function optionId(site: string, concept: number): string {
  return `concept ${site} ${concept}`.replace(/[^a-zA-Z0-9]/g, '-');
}
