import { layOutAxis } from '../../../src/report/timeAxis.ts';
import type { TimeAxis } from '../../../src/report/timeAxis.ts';
import type { PairData } from '../../compareProtocol.ts';
import type { PanelRun } from '../../protocol.ts';
import { createSite, isMeasured, measureSite } from '../../trace/siteModel.ts';
import type { SiteModel } from '../../trace/siteModel.ts';

/** Places of the two runs in a site's traces. */
export const unedited = 0;
export const edited = 1;

/** An unedited run and another one under one axis. */
export interface PairModel {
  readonly pair: PairData;
  readonly axis: TimeAxis;
  /** Sites over both runs; none where one of them is missing. */
  readonly sites: readonly SiteModel[];
}

/** A model of which no site has been measured yet. @param totalSteps of the whole generation */
export function createPair(pair: PairData, totalSteps: number): PairModel {
  const { steps, t, sites } = pair;
  const runs = runsOf(pair);
  return { pair, axis: layOutAxis(steps, t, totalSteps), sites: runs === null ? [] : sites.map((site, index) => createSite(site, index, runs, steps)) };
}

/** Both runs; null where one is missing. */
function runsOf({ baseline, other }: PairData): readonly [PanelRun, PanelRun] | null {
  return baseline === null || other === null ? null : [baseline, other];
}

/** The model with its sites summed, until all is done or time is up; the very same model where nothing was left to do. @param goOn asked after every column */
export function measurePair(model: PairModel, goOn: () => boolean): PairModel {
  const runs = runsOf(model.pair);
  if (runs === null) return model;
  let { sites } = model;
  for (const [index, site] of model.sites.entries()) {
    if (isMeasured(site, runs)) continue;
    sites = sites.with(index, measureSite(site, runs, goOn));
    if (!goOn()) break;
  }
  return sites === model.sites ? model : { ...model, sites };
}

/** Every column of every site has been summed. */
export function isPairMeasured({ pair, sites }: PairModel): boolean {
  const runs = runsOf(pair);
  return runs !== null && sites.every((site) => isMeasured(site, runs));
}
