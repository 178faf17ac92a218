import type { MarkSpread } from '../../src/concepts/summariseConcepts.ts';
import { Reach } from '../trace/mapOf.ts';
import { orderRows } from './model/orderRows.ts';
import type { RowOrder } from './model/orderRows.ts';
import { Settlements } from './model/settlements.ts';
import { isMeasured } from '../trace/siteModel.ts';
import type { SiteModel } from '../trace/siteModel.ts';
import { summariseSite } from '../trace/siteSummary.ts';
import type { SiteSummary } from '../trace/siteSummary.ts';
import type { TimelineModel } from './model/timelineModel.ts';
import type { ConceptRef, View } from './view.ts';

/** What is worked out bit by bit: where concepts settle at these sites, and the bands of these rows. */
interface Work {
  readonly sites: readonly SiteModel[];
  readonly runs: readonly number[];
  /** A run that is on its way has no last map yet. */
  readonly running: boolean;
  readonly rows: readonly ConceptRef[];
}

/** What follows from a model: summaries of its sites, their rows in order, marks and scales. Everything is worked out once. */
export class SiteSummaries {
  /** Rises with everything that `work` has found. */
  revision = 0;
  readonly #summaries = new WeakMap<SiteModel, Map<string, SiteSummary>>();
  readonly #orders = new WeakMap<SiteSummary, { key: string; order: RowOrder }>();
  readonly #settled = new WeakMap<SiteSummary, Map<number, MarkSpread>>();
  readonly #settlements = new Settlements();
  readonly #reach = new Reach();

  /** A site over some runs; undefined without a run, or while the site has not been looked at. */
  of(model: TimelineModel, site: SiteModel, runs: readonly number[]): SiteSummary | undefined {
    if (runs.length === 0 || !isMeasured(site, model.runs)) return undefined;
    const ofSite = this.#summaries.get(site) ?? new Map<string, SiteSummary>();
    this.#summaries.set(site, ofSite);
    const key = runs.join();
    const summary = ofSite.get(key) ?? summariseSite(site, runs);
    ofSite.set(key, summary);
    return summary;
  }

  /** The rows of a site. */
  order(model: TimelineModel, summary: SiteSummary, { sorting, search, idle }: View): RowOrder {
    const withIdle = idle.includes(summary.site.key);
    const key = `${sorting} ${withIdle} ${sorting === 'settle' ? this.revision : ''} ${search}`;
    const known = this.#orders.get(summary);
    if (known?.key === key) return known.order;
    const order = orderRows(summary, { sorting, search, idle: withIdle, settle: (id) => this.settle(model, summary, id) });
    this.#orders.set(summary, { key, order });
    return order;
  }

  /** Where a concept settles; undefined while that is not known, as before the end of a run. */
  settle(model: TimelineModel, summary: SiteSummary, id: number): MarkSpread | undefined {
    const known = this.#settled.get(summary) ?? new Map<number, MarkSpread>();
    this.#settled.set(summary, known);
    const spread = known.get(id) ?? this.#settlements.of(summary.site, summary.runs, (run) => columnsOf(model, run), id);
    if (spread !== undefined) known.set(id, spread);
    return spread;
  }

  /** A concept's greatest z over some runs. */
  reach(model: TimelineModel, site: SiteModel, runs: readonly number[], concept: number): number {
    return Math.max(0, ...runs.map((run) => this.#reach.of(site.traces[run], columnsOf(model, run), concept)));
  }

  /** One slice of what can wait. @param goOn asked between pieces @returns whether there was anything to do */
  work(model: TimelineModel, { sites, runs, running, rows }: Work, goOn: () => boolean): boolean {
    let worked = false;
    for (const summary of sites.map((site) => this.of(model, site, runs))) {
      for (const run of summary?.runs ?? []) {
        const columns = columnsOf(model, run);
        const trace = summary?.site.traces[run];
        const early = running && columns < model.axis.steps.length;
        if (trace === undefined || early || !goOn() || this.#settlements.isKnown(trace, columns)) continue;
        this.#settlements.work(trace, columns, goOn);
        worked = true;
      }
    }
    for (const { site: key, concept } of rows) {
      if (!goOn()) break;
      const site = model.sites.find((candidate) => candidate.key === key);
      const summary = site === undefined ? undefined : this.of(model, site, runs);
      if (summary === undefined || summary.hasBand(concept)) continue;
      summary.band(concept);
      worked = true;
    }
    if (worked) this.revision += 1;
    return worked;
  }
}

/** Columns of a run that have come, from the first. */
function columnsOf(model: TimelineModel, run: number): number {
  const { filled } = model.runs[run];
  const missing = filled.indexOf(false);
  return missing < 0 ? filled.length : missing;
}
