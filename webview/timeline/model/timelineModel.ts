import { layOutAxis } from '../../../src/report/timeAxis.ts';
import type { TimeAxis } from '../../../src/report/timeAxis.ts';
import type { PanelData, PanelRun, PanelSite, ToPanel } from '../../protocol.ts';
import { createSite, forgetColumn, isMeasured, measureSite } from '../../trace/siteModel.ts';
import type { SiteModel } from '../../trace/siteModel.ts';

/** What a panel shows, computed once from what the host sends; a new step gives a new model that shares all other columns. */
export interface TimelineModel {
  readonly axis: TimeAxis;
  readonly runs: readonly PanelRun[];
  readonly sites: readonly SiteModel[];
}

type StepMessage = Extract<ToPanel, { type: 'step' }>;
type ImageMessage = Extract<ToPanel, { type: 'image' }>;

/** A model of which no site has been measured yet. Runs whose codes come step by step (empty arrays) get room for every column. */
export function createModel({ steps, t, totalSteps, sites, runs }: PanelData): TimelineModel {
  const roomy = runs.map((run): PanelRun => ({ ...run, codes: sites.map((site, index) => roomFor(site, run.codes.at(index), steps.length)) }));
  return { axis: layOutAxis(steps, t, totalSteps), runs: roomy, sites: sites.map((site, index) => createSite(site, index, roomy, steps)) };
}

function roomFor({ height, width, k }: PanelSite, codes: PanelRun['codes'][number] | undefined, columns: number): PanelRun['codes'][number] {
  const length = columns * height * width * k;
  return codes?.indices.length === length && codes.values.length === length ? codes : { indices: new Int32Array(length), values: new Float32Array(length) };
}

/** The model with one column filled, or filled again; a message that fits nothing changes nothing. The codes are copied into the run's own arrays. */
export function addColumn(model: TimelineModel, { run: at, column, preview, codes }: StepMessage): TimelineModel {
  const run = model.runs.at(at);
  if (run === undefined || column >= model.axis.steps.length) return model;
  run.codes.forEach((room, index) => {
    const came = codes.at(index);
    const length = room.indices.length / model.axis.steps.length;
    if (came?.indices.length !== length || came.values.length !== length) return;
    room.indices.set(came.indices, column * length);
    room.values.set(came.values, column * length);
  });
  const filled: PanelRun = { ...run, filled: run.filled.with(column, true), previews: preview === null ? run.previews : run.previews.with(column, preview) };
  const again = run.filled[column];
  return {
    ...model,
    runs: model.runs.with(at, filled),
    sites: again ? model.sites.map((site) => forgetColumn(site, at, column)) : model.sites,
  };
}

/** The model with a run's finished picture. */
export function addImage(model: TimelineModel, { run: at, folder, image }: ImageMessage): TimelineModel {
  const run = model.runs.at(at);
  return run === undefined ? model : { ...model, runs: model.runs.with(at, { ...run, folder, image }) };
}

/** The model with everything that has come to some sites summed; the very same model where nothing was left to do. */
export function measure(model: TimelineModel, wanted: (site: SiteModel) => boolean, goOn: () => boolean = () => true): TimelineModel {
  let { sites } = model;
  for (const [index, site] of model.sites.entries()) {
    if (!wanted(site) || isMeasured(site, model.runs)) continue;
    sites = sites.with(index, measureSite(site, model.runs, goOn));
    if (!goOn()) break;
  }
  return sites === model.sites ? model : { ...model, sites };
}

/** Every column of a run has come. */
export function isComplete({ filled }: PanelRun): boolean {
  return filled.every(Boolean);
}
