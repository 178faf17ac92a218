import { join } from 'node:path';
import { symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SiteTrace } from '../../../../src/concepts/siteTrace.ts';
import { panelMessages } from '../../../../src/editor/timeline/panelMessages.ts';
import type { PanelFrame, PanelReader } from '../../../../src/editor/timeline/panelMessages.ts';
import { findRun, readRunContent } from '../../../../src/editor/timeline/runContent.ts';
import { shownOfRuns } from '../../../../src/editor/timeline/shown.ts';
import type { Shown } from '../../../../src/editor/timeline/shown.ts';
import type { StoredRun } from '../../../../src/experiment/runStore.ts';
import { previewName } from '../../../../src/experiment/previewName.ts';
import { encodeTrace } from '../../../../src/experiment/traceFile.ts';
import type { ToPanel } from '../../../../webview/protocol.ts';
import { fakePng } from '../../../support/fakePng.ts';
import { fakeSiteTrace } from '../../../support/fakeTrace.ts';
import { panelPage } from '../../../support/panelPage.ts';
import { storeRun } from '../../../support/storedRuns.ts';
import type { FakeRun } from '../../../support/storedRuns.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

const t = (message: string, ...values: unknown[]): string => message.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)]));
const mid = 'mid_block.attentions.0';
const frame: PanelFrame = { specName: null, state: { kind: 'done', seconds: 1, cached: false }, stale: false, canInsert: false, canRun: false, language: 'en' };
const reader: PanelReader = {
  find: (folder) => findRun(folder, t), content: (run) => readRunContent(run, t),
  names: ({ n }) => Promise.resolve({ labels: { 3: 'house' }, typical: new Float32Array(n).fill(2), contextFree: [4] }),
};

let folder: string;
beforeEach(async () => { folder = await temporaryFolder(); });

async function store(fake: FakeRun, sites: readonly SiteTrace[]): Promise<StoredRun> {
  const [{ steps }] = sites;
  const trace = encodeTrace({ steps, timesteps: Float32Array.from(steps, (step) => 999 - step), sites }, {});
  const pictures = Object.fromEntries(steps.map((step) => [previewName(step), fakePng(step)]));
  return await storeRun(folder, { recorded: steps, ...fake, files: { 'trace.safetensors': trace, 'image.png': fakePng(255), ...pictures, ...fake.files } });
}

async function messages(shown: Shown, read = reader): Promise<ToPanel[]> {
  const all: ToPanel[] = [];
  for await (const message of panelMessages(shown, () => frame, read)) all.push(message);
  return all;
}

describe('stored runs', () => {
  it('stand side by side with their codes, pictures and names', async () => {
    const runs = await Promise.all([0, 1].map((seed) => store({ seed, prompt: 'a house' }, [fakeSiteTrace([0, 1, 2], { run: seed })])));
    const all = await messages(shownOfRuns(runs, t, { modelName: 'scenes', saes: {} }));
    expect(all).toHaveLength(1); // small enough to go at once
    const data = panelPage(all);
    expect(data).toMatchObject({
      title: 'a house', modelName: 'scenes', sampler: 'ddim 3 · cfg 5', totalSteps: 3, steps: [0, 1, 2], t: [0.999, 0.998, 0.997], runsInAll: runs.length, ...frame,
    });
    expect(data.sites).toEqual([{ site: mid, branch: 'cond', height: 2, width: 3, d: 4, n: 11, k: 2, labels: { 3: 'house' }, typical: new Float32Array(11).fill(2), contextFree: [4] }]);
    expect(data.runs.map(({ seed, title, folder: where }) => [seed, title, where])).toEqual(runs.map((run, seed) => [seed, `seed ${seed}`, run.folder]));
    data.runs.forEach(({ codes: [{ indices, values }], previews, image, filled: columns }, run) => {
      const expected = fakeSiteTrace([0, 1, 2], { run });
      expect(indices).toEqual(expected.indices);
      expect(values).toEqual(expected.values);
      expect(previews).toEqual([0, 1, 2].map((step) => fakePng(step)));
      expect(image).toEqual(fakePng(255));
      expect(columns).toEqual([true, true, true]);
    });
  });

  it('come column by column where they are large, and give the same picture', async () => {
    // 3 steps x 256 x 128 cells x 12 codes x 8 bytes = 9.4 MB
    const large = { height: 256, width: 128, k: 12 };
    const run = await store({}, [fakeSiteTrace([0, 1, 2], large)]);
    const all = await messages(shownOfRuns([run], t));
    expect(all.map(({ type }) => type)).toEqual(['data', 'step', 'step', 'step', 'image']);
    for (const message of all) {
      if (message.type !== 'step') continue;
      expect(message.codes[0].indices.buffer.byteLength).toBe(256 * 128 * 12 * 4); // a buffer of its own: no more than itself goes across
    }
    const { runs: [{ codes: [{ indices, values }], image, previews, filled: columns }] } = panelPage(all);
    const expected = fakeSiteTrace([0, 1, 2], large);
    expect(Buffer.compare(Buffer.from(indices.buffer, indices.byteOffset, indices.byteLength), Buffer.from(expected.indices.buffer))).toBe(0);
    expect(Buffer.compare(Buffer.from(values.buffer, values.byteOffset, values.byteLength), Buffer.from(expected.values.buffer))).toBe(0);
    expect([image, previews.length, columns]).toEqual([fakePng(255), 3, [true, true, true]]);
  });

  it('hold no Buffer, which a message would spell out as text', async () => {
    const run = await store({}, [fakeSiteTrace([0])]);
    const { runs: [{ image, previews, codes }] } = panelPage(await messages(shownOfRuns([run], t)));
    for (const part of [image, ...previews, ...codes.flatMap(({ indices, values }) => [indices, values])]) expect(part).not.toBeInstanceOf(Buffer);
  });

  it('of different questions show what they have in common', async () => {
    const both = { model: '/model', saes: { [mid]: '/saes/mid', up: '/saes/up' } };
    const one = await store({ prompt: 'a house', sources: both }, [fakeSiteTrace([0, 1, 2]), fakeSiteTrace([0, 1, 2], { site: 'up' })]);
    const two = await store({ prompt: 'a tree', sources: { ...both, saes: { ...both.saes, up: '/saes/other' } }, steps: 3 }, [fakeSiteTrace([0, 2], { run: 1 }), fakeSiteTrace([0, 2], { site: 'up' })]);
    const data = panelPage(await messages(shownOfRuns([one, two], t)));
    expect(data.title).toBe('2 runs');
    expect(data.runs.map(({ title }) => title)).toEqual(['a house · seed 0', 'a tree · seed 0']);
    expect(data.steps).toEqual([0, 2]);
    expect(data.sites.map(({ site }) => site)).toEqual([mid]); // the other one has concepts of its own in each
    const whole = fakeSiteTrace([0, 1, 2]);
    expect([...data.runs[0].codes[0].values]).toEqual([...whole.values.slice(0, 12), ...whole.values.slice(24)]);
    expect([...data.runs[1].codes[0].values]).toEqual([...fakeSiteTrace([0, 2], { run: 1 }).values]);
    expect(data.runs[0].previews).toEqual([fakePng(0), fakePng(2)]);
  });

  it('tell runs of one seed apart, and refuse those without a common axis', async () => {
    const cond = await store({}, [fakeSiteTrace([0, 1, 2])]);
    const both = await store({ branch: 'both' }, [fakeSiteTrace([0, 1, 2], { branch: 'uncond' }), fakeSiteTrace([0, 1, 2])]);
    const shown = shownOfRuns([cond, both], t);
    expect(shown.runs.map(({ title }) => title)).toEqual([cond, both].map(({ manifest }) => `seed 0 · ${manifest.key.slice(0, 6)}`));
    expect(panelPage(await messages(shown)).sites.map(({ branch }) => branch)).toEqual(['cond']);
    const longer = await store({ steps: 4 }, [fakeSiteTrace([0, 1, 2, 3])]);
    expect(() => shownOfRuns([cond, longer], t)).toThrow(expect.objectContaining({ name: 'InputError', file: longer.folder }) as Error);
  });

  it('look for the names of concepts where the SAEs lie now', async () => {
    const run = await store({}, [fakeSiteTrace([0, 1, 2])]);
    const [site] = Object.keys(run.manifest.sources.saes);
    expect(shownOfRuns([run], t).saes[site].folder).toBe(run.manifest.sources.saes[site]);
    expect(shownOfRuns([run], t, { saes: { [site]: '/moved/sae' } }).saes[site].folder).toBe('/moved/sae');
  });
});

describe('a run folder that others have written', () => {
  const last = (all: readonly ToPanel[]): ToPanel => all[all.length - 1];

  it('is not read where it leads out of itself', async () => {
    const run = await store({}, [fakeSiteTrace([0])]);
    const secret = join(folder, 'secret');
    await writeFile(secret, Uint8Array.of(1, 2, 3));
    await unlink(join(run.folder, 'image.png'));
    await symlink(secret, join(run.folder, 'image.png'));
    await expect(findRun(run.folder, t)).rejects.toMatchObject({ name: 'InputError', file: run.folder });
  });

  it('says what is wrong where a trace is damaged, and shows the other runs', async () => {
    const good = await store({ seed: 0 }, [fakeSiteTrace([0, 1, 2])]);
    const bad = fakeSiteTrace([0, 1, 2]);
    bad.values[5] = NaN;
    const all = await messages(shownOfRuns([good, await store({ seed: 1 }, [bad])], t));
    const { runs } = panelPage(all);
    expect(runs.map((run) => run.filled[0])).toEqual([true, false]);
    expect(last(all)).toMatchObject({ type: 'state', state: { kind: 'failed', message: 'holds NaN or infinity', place: expect.stringContaining('trace.safetensors') as string } });
  });

  it('is refused when its trace has other steps than it says, or has been cut', async () => {
    const other = await storeRun(folder, { recorded: [0, 1], files: { 'trace.safetensors': encodeTrace({ steps: [0, 2], timesteps: Float32Array.of(1, 2), sites: [fakeSiteTrace([0, 2])] }, {}) } });
    expect(last(await messages(shownOfRuns([other], t)))).toMatchObject({ type: 'state', state: { kind: 'failed' } });
    const cut = await store({ seed: 5 }, [fakeSiteTrace([0])]);
    await truncate(join(cut.folder, 'trace.safetensors'), 100);
    const all = await messages(shownOfRuns([cut], t));
    expect(all[0]).toMatchObject({ type: 'data', data: { sites: [] } });
    expect(last(all)).toMatchObject({ type: 'state', state: { kind: 'failed' } });
  });

  it('has no pictures where there are none, or ones too large to draw', async () => {
    const run = await store({ files: { 'image.png': fakePng(0, 30_000, 30_000), [previewName(0)]: Uint8Array.of(1, 2, 3), [previewName(1)]: fakePng(1, 8, 4097), [previewName(2)]: fakePng(2, 4096, 1) } }, [fakeSiteTrace([0, 1, 2])]);
    const { runs: [{ image, previews }] } = panelPage(await messages(shownOfRuns([run], t)));
    expect([image, ...previews]).toEqual([null, null, null, fakePng(2, 4096, 1)]);
  });

  it('cannot make us allocate what it claims to hold', async () => {
    const greedy = await store({}, [fakeSiteTrace([0], { n: 2 ** 23 })]);
    expect(panelPage(await messages(shownOfRuns([greedy], t))).sites).toEqual([]);
  });
});
