import { InputError } from '../../base/errors.ts';
import type { SiteTrace } from '../../concepts/siteTrace.ts';
import type { StepMessage } from '../../engine/protocol.ts';
import type { StoredRun } from '../../experiment/runStore.ts';
import type { PanelData, PanelRun, PanelSite, PanelState, ToPanel } from '../../../webview/protocol.ts';
import type { RunContent } from './runContent.ts';
import type { SiteNames } from './saeNames.ts';
import type { Shown, ShownRun } from './shown.ts';

/** What stands around the runs. */
export type PanelFrame = Pick<PanelData, 'specName' | 'state' | 'stale' | 'canInsert' | 'canRun' | 'language'>;

/** Where runs and names come from. */
export interface PanelReader {
  find(folder: string): Promise<StoredRun>;
  content(run: StoredRun): Promise<RunContent>;
  names(site: SiteTrace, sae: Shown['saes'][string] | undefined): Promise<SiteNames>;
}

/** Traces up to this many bytes are sent whole; larger ones column by column, so that neither side is held up. */
const mostBytesAtOnce = 8 * 2 ** 20;
/** Concepts of all sites together; a trace that claims more is not ours. */
const mostConcepts = 2 ** 22;

/** A panel without runs. */
export function emptyData(frame: PanelFrame): PanelData {
  return { ...frame, title: '', modelName: '', sampler: '', totalSteps: 0, steps: [], t: [], sites: [], runs: [], runsInAll: 0 };
}

/**
 * The messages that bring an empty panel up to date: `data`, and where that says so by empty arrays, a `step` for every column and an `image` for every run.
 * A run that cannot be read stays empty, and the last message says why.
 * @param frame asked for when the data goes out
 */
export async function* panelMessages(shown: Shown, frame: () => PanelFrame, reader: PanelReader): AsyncGenerator<ToPanel> {
  const fault: { error?: InputError } = {};
  const read = async (run: ShownRun): Promise<RunContent | undefined> => {
    try {
      return await reader.content(await reader.find(run.folder));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      fault.error ??= error;
      return undefined;
    }
  };
  const complete = shown.runs.filter((run) => run.complete);
  const contents = new Map<ShownRun, RunContent>();
  let bytes = 0;
  for (const run of complete) {
    const content = await read(run);
    if (content === undefined) continue;
    contents.set(run, content);
    bytes += sizeOf(content);
    if (bytes > mostBytesAtOnce || complete.length < shown.runs.length) break;
  }
  const whole = bytes <= mostBytesAtOnce && complete.length === shown.runs.length;
  const layouts = contents.values().next().value?.trace.sites ?? shown.runs.flatMap(({ received }) => received).find(({ codes }) => codes.length > 0)?.codes ?? [];
  const sites = await panelSites(shown, layouts, reader);

  const { title, modelName, sampler, totalSteps, steps, t, runsInAll } = shown;
  const runs = shown.runs.map((run) => panelRun(run, whole ? contents.get(run) : undefined, shown.steps, sites));
  yield { type: 'data', data: { ...frame(), title, modelName, sampler, totalSteps, steps, t, sites, runs, runsInAll } };
  if (!whole) {
    for (const [index, run] of shown.runs.entries()) {
      if (run.complete) {
        const content = contents.get(run) ?? await read(run);
        contents.delete(run);
        if (content !== undefined) yield* columnsOf(index, run, content, shown.steps, sites);
      } else {
        for (const message of run.received) {
          const step = stepOf(index, message, shown.steps, sites);
          if (step !== undefined) yield step;
        }
      }
    }
  }
  if (fault.error !== undefined) yield { type: 'state', state: failed(fault.error), stale: frame().stale };
}

/** A step of a run in the making, for the panel; undefined where it is not recorded. @param run its place in the panel */
export function stepOf(run: number, { step, preview, codes }: StepMessage, steps: readonly number[], sites: readonly PanelSite[]): ToPanel | undefined {
  const column = steps.indexOf(step);
  if (column < 0 || codes.length === 0) return undefined;
  return {
    type: 'step', run, column, preview: preview ?? null,
    codes: sites.map((site) => codesAt(codes.find((trace) => fits(trace, site)), step)),
  };
}

/** Why something cannot be shown. */
export function failed({ message, remedy, file, place }: Pick<InputError, 'message' | 'remedy' | 'file' | 'place'>): PanelState {
  return { kind: 'failed', message, remedy, place: place === undefined ? file : `${file}: ${place}` };
}

/** Sites of the traces, with the names of their concepts. */
export async function panelSites({ branches, saes }: Shown, layouts: readonly SiteTrace[], reader: PanelReader): Promise<PanelSite[]> {
  const wanted = layouts.filter(({ site, branch }) => branches.includes(branch) && Object.hasOwn(saes, site));
  const concepts = wanted.reduce((sum, { n }) => sum + n, 0);
  const sites: PanelSite[] = [];
  for (const trace of concepts > mostConcepts ? [] : wanted) {
    const { site, branch, height, width, d, n, k } = trace;
    sites.push({ site, branch, height, width, d, n, k, ...await reader.names(trace, saes[site]) });
  }
  return sites;
}

/** A run as the data holds it: with all that was read, or with room for what follows. */
export function panelRun({ seed, title, folder, complete }: ShownRun, content: RunContent | undefined, steps: readonly number[], sites: readonly PanelSite[]): PanelRun {
  return {
    seed, title, folder: complete ? folder : null,
    image: content?.image ?? null,
    previews: steps.map((step) => content?.previews[content.trace.steps.indexOf(step)] ?? null),
    filled: steps.map(() => content !== undefined),
    codes: sites.map((site) => {
      const trace = content?.trace.sites.find((each) => fits(each, site));
      return trace === undefined ? nothing() : codesOf(trace, steps);
    }),
  };
}

function* columnsOf(run: number, { folder }: ShownRun, { trace, previews, image }: RunContent, steps: readonly number[], sites: readonly PanelSite[]): Generator<ToPanel> {
  const traces = sites.map((site) => trace.sites.find((each) => fits(each, site)));
  for (const [column, step] of steps.entries()) {
    const row = trace.steps.indexOf(step);
    yield { type: 'step', run, column, preview: previews[row] ?? null, codes: traces.map((each) => codesAt(each, step)) };
  }
  if (image !== null) yield { type: 'image', run, folder, image };
}

function fits(trace: SiteTrace, { site, branch, height, width, n, k }: PanelSite): boolean {
  return trace.site === site && trace.branch === branch && trace.height === height && trace.width === width && trace.n === n && trace.k === k;
}

/** Codes of some steps of a trace. @returns views of it where they are all there are */
function codesOf(trace: SiteTrace, steps: readonly number[]): PanelRun['codes'][number] {
  if (steps.length === trace.steps.length) return { indices: trace.indices, values: trace.values };
  const length = trace.height * trace.width * trace.k;
  const indices = new Int32Array(steps.length * length);
  const values = new Float32Array(steps.length * length);
  for (const [column, step] of steps.entries()) {
    const one = codesAt(trace, step);
    indices.set(one.indices, column * length);
    values.set(one.values, column * length);
  }
  return { indices, values };
}

/** A copy of one step's codes: a view would drag the buffer of the whole trace across. */
function codesAt(trace: SiteTrace | undefined, step: number): PanelRun['codes'][number] {
  const row = trace?.steps.indexOf(step) ?? -1;
  if (trace === undefined || row < 0) return nothing();
  const length = trace.height * trace.width * trace.k;
  return { indices: trace.indices.slice(row * length, (row + 1) * length), values: trace.values.slice(row * length, (row + 1) * length) };
}

function nothing(): PanelRun['codes'][number] {
  return { indices: new Int32Array(), values: new Float32Array() };
}

function sizeOf({ trace }: RunContent): number {
  return trace.sites.reduce((sum, { indices, values }) => sum + indices.byteLength + values.byteLength, 0);
}
