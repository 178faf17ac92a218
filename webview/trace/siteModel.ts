import type { SiteTrace } from '../../src/concepts/siteTrace.ts';
import type { PanelRun, PanelSite } from '../protocol.ts';
import { sumColumn } from './sumColumn.ts';
import type { ColumnSums } from './sumColumn.ts';

/** A site and branch over all runs: which columns have been summed so far. */
export interface SiteModel {
  /** Tells it from the others of a panel, also after a reload. */
  readonly key: string;
  readonly site: PanelSite;
  /** One per run: its codes, over every column of the panel. */
  readonly traces: readonly SiteTrace[];
  /** [runs][columns]: null where a column has not come yet, or not been looked at. */
  readonly sums: readonly (readonly (ColumnSums | null)[])[];
}

/** A site of which nothing has been looked at. @param index of the site in the codes of every run */
export function createSite(site: PanelSite, index: number, runs: readonly PanelRun[], steps: readonly number[]): SiteModel {
  const { height, width, d, n, k, branch } = site;
  return {
    key: `${site.site}|${branch}`,
    site,
    traces: runs.map(({ codes }) => ({ site: site.site, branch, height, width, d, n, k, steps, ...codes[index] })),
    sums: runs.map(() => steps.map(() => null)),
  };
}

/** Columns that have come but not been summed. */
export function isMeasured({ sums }: SiteModel, runs: readonly PanelRun[]): boolean {
  return runs.every(({ filled }, run) => filled.every((there, column) => !there || sums[run][column] !== null));
}

/**
 * Sum what has come, until all is done or time is up.
 * @param goOn asked after every column
 */
export function measureSite(site: SiteModel, runs: readonly PanelRun[], goOn: () => boolean): SiteModel {
  const sums = site.sums.map((ofRun) => [...ofRun]);
  const entries = site.site.height * site.site.width * site.site.k;
  for (const [run, { filled }] of runs.entries()) {
    const { indices, values } = site.traces[run];
    for (let column = 0; column < filled.length; column++) {
      if (!filled[column] || sums[run][column] !== null) continue;
      sums[run][column] = sumColumn(indices, values, column, entries, site.site.n);
      if (!goOn()) return { ...site, sums };
    }
  }
  return { ...site, sums };
}

/** A column has come anew: what was known of it is void. */
export function forgetColumn(site: SiteModel, run: number, column: number): SiteModel {
  return { ...site, sums: site.sums.map((ofRun, at) => (at === run ? ofRun.with(column, null) : ofRun)) };
}
