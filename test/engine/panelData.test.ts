import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { panelMessages, stepOf } from '../../src/editor/timeline/panelMessages.ts';
import type { PanelFrame, PanelReader } from '../../src/editor/timeline/panelMessages.ts';
import { findRun, readRunContent } from '../../src/editor/timeline/runContent.ts';
import { SaeNames } from '../../src/editor/timeline/saeNames.ts';
import { shownOfJob, shownOfRuns } from '../../src/editor/timeline/shown.ts';
import type { JobPlan, StepMessage } from '../../src/engine/protocol.ts';
import { runJob } from '../../src/engine/runJob.ts';
import { freshModels } from '../../src/experiment/modelLibrary.ts';
import { readTrace } from '../../src/experiment/traceFile.ts';
import { parseSpec } from '../../src/spec/parseSpec.ts';
import type { ToPanel } from '../../webview/protocol.ts';
import { panelPage } from '../support/panelPage.ts';
import { writeRandomSaes } from '../support/randomSaes.ts';
import { scenesFolder } from '../support/scenes.ts';

const t = (message: string, ...values: unknown[]): string => message.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)]));
const frame: PanelFrame = { specName: 'a.dmi.json', state: { kind: 'loading' }, stale: false, canInsert: true, canRun: true, language: 'en' };
const names = new SaeNames();
const reader: PanelReader = { find: (folder) => findRun(folder, t), content: (run) => readRunContent(run, t), names: (site, sae) => names.of(sae, site) };

let folder: string;
let sites: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dmi-panel-'));
  await cp(scenesFolder, join(folder, 'model'), { recursive: true, filter: (path) => !path.startsWith(join(scenesFolder, 'saes')) });
  sites = await writeRandomSaes(join(folder, 'saes'), join(folder, 'model'));
});
afterAll(async () => { await rm(folder, { recursive: true }); });

async function all(messages: AsyncIterable<ToPanel>): Promise<ToPanel[]> {
  const list: ToPanel[] = [];
  for await (const message of messages) list.push(message);
  return list;
}

it('a panel that was filled while the engine worked shows what its run folders hold', async () => {
  const file = join(folder, 'a.dmi.json');
  const text = JSON.stringify({ dmi: 1, model: 'model', saes: ['saes'], sample: { prompt: 'a red house', seeds: [3, 4], steps: 4 }, trace: { branch: 'both', steps: [0, 1, 3] } });
  let plan: JobPlan | undefined;
  const received: StepMessage[] = [];
  const answer = await runJob({ job: 'j', file, text }, {
    signal: new AbortController().signal, models: freshModels(), cacheLimitBytes: Infinity,
    planned: (told) => { plan = told; return Promise.resolve(); },
    stepped: (step) => { received.push(step); return Promise.resolve(); },
    progressed: () => Promise.resolve(), runFinished: () => Promise.resolve(), partFinished: () => Promise.resolve(),
  });
  if (plan === undefined) throw new Error('no plan came');
  const { spec } = parseSpec(text, file);

  // Half of it is there when the panel opens, the rest comes one by one.
  const opened = shownOfJob({ received: received.slice(0, 3) }, plan, spec, t);
  const messages = await all(panelMessages(opened, () => frame, reader));
  const [first] = messages;
  if (first.type !== 'data') throw new Error('no data came');
  for (const step of received.slice(3)) {
    const message = stepOf(opened.runs.findIndex(({ seed }) => seed === step.seed), step, opened.steps, first.data.sites);
    if (message !== undefined) messages.push(message);
  }
  const live = panelPage(messages);
  expect(live).toMatchObject({ title: 'a red house', sampler: 'ddim 4 · cfg 5', totalSteps: 4, steps: [0, 1, 3] });
  expect(live.sites.map(({ site, branch }) => `${site} ${branch}`).sort()).toEqual(sites.flatMap((site) => [`${site} cond`, `${site} uncond`]).sort());
  expect(live.runs.map(({ filled }) => filled)).toEqual([[true, true, true], [true, true, true]]);

  const runs = await Promise.all(answer.runs.map((run) => findRun(run.folder, t)));
  const stored = panelPage(await all(panelMessages(shownOfRuns(runs, t, { modelName: plan.modelName }), () => frame, reader)));
  expect(stored.t).toEqual(live.t.map((time) => expect.closeTo(time, 6) as number));
  const order = stored.sites.map(({ site, branch }) => live.sites.findIndex((other) => other.site === site && other.branch === branch));
  expect(order.map((at) => live.sites[at])).toEqual(stored.sites);
  for (const [index, run] of stored.runs.entries()) {
    expect(order.map((at) => live.runs[index].codes[at])).toEqual(run.codes);
    expect(live.runs[index].previews.map((preview) => preview && [...preview])).toEqual(run.previews.map((preview) => preview && [...preview]));
    expect(Buffer.compare(run.image ?? new Uint8Array(), await readFile(join(answer.runs[index].folder, 'image.png')))).toBe(0);
    const trace = await readTrace(join(answer.runs[index].folder, 'trace.safetensors'));
    expect(run.codes.map(({ values }) => values)).toEqual(trace.sites.map(({ values }) => values));
  }
  const sidecar = JSON.parse(await readFile(join(folder, 'saes', sites[0], 'dmi-sae.json'), 'utf8')) as { statistics: { mean: number[] } };
  expect(stored.sites.find(({ site }) => site === sites[0])?.typical).toEqual(Float32Array.from(sidecar.statistics.mean));
});

it('the built-in SAEs lend their labels to a stored run', async () => {
  const file = join(folder, 'b.dmi.json');
  const text = JSON.stringify({ dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a red house', steps: 2 }, trace: { steps: [1] } });
  const answer = await runJob({ job: 'k', file, text }, {
    signal: new AbortController().signal, models: freshModels(), cacheLimitBytes: Infinity,
    planned: () => Promise.resolve(), stepped: () => Promise.resolve(), progressed: () => Promise.resolve(), runFinished: () => Promise.resolve(), partFinished: () => Promise.resolve(),
  });
  const shown = shownOfRuns([await findRun(answer.runs[0].folder, t)], t);
  const { sites: built } = panelPage(await all(panelMessages(shown, () => frame, { ...reader, names: (site, sae) => new SaeNames().of(sae, site) })));
  expect(built.length).toBeGreaterThan(0);
  for (const { labels, typical, n } of built) {
    expect(Object.keys(labels).length).toBeGreaterThan(0);
    expect(typical).toHaveLength(n);
    expect(Math.max(...typical)).toBeGreaterThan(0);
  }
});
