import { cp, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Uri } from 'vscode';
import { beforeEach, describe, expect, it } from 'vitest';
import { pageSize, type RunNode } from '../../../../src/editor/runs/runNode.ts';
import { RunRows, type RowSources } from '../../../../src/editor/runs/runRows.ts';
import { RunCatalogue } from '../../../../src/experiment/runCatalogue.ts';
import { readSpec } from '../../../../src/spec/readSpec.ts';
import { fakeSummary } from '../../../support/fakeSummary.ts';
import { scenesFolder } from '../../../support/scenes.ts';
import { storeRun } from '../../../support/storedRuns.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';
import { inEnglish } from '../../../support/translate.ts';

let folder: string;
let catalogue: RunCatalogue;
beforeEach(async () => {
  folder = await temporaryFolder();
  catalogue = new RunCatalogue();
});

const uri = (path: string) => ({ fsPath: path, toString: () => `file://${path}` }) as unknown as Uri;

function rowsOf({ specs = [], folders = [folder], models = [], ...sources }: { specs?: string[]; folders?: string[]; models?: string[] } & Partial<RowSources> = {}): RunRows {
  const uris = specs.map(uri);
  return new RunRows({
    content: { specs: () => Promise.resolve(uris), specFolders: () => Promise.resolve(folders), models: () => Promise.resolve(models) },
    runs: { list: (of) => catalogue.list(of), ofSpec: () => Promise.resolve([]) },
    parse: (of) => readSpec(of.fsPath), builtinModel: scenesFolder, t: inEnglish, ...sources,
  });
}

const texts = (rows: RunNode[]) => rows.map((row) => (row.kind === 'note' ? row.text : row.kind));

it('are none where there is nothing of anybody\'s own, so that the view can welcome', async () => {
  expect(await rowsOf({ folders: [] }).below()).toEqual([]);
  for (const content of [{ folders: [folder] }, { folders: [], models: ['/m'] }]) {
    expect((await rowsOf(content).below()).map((row) => row.kind === 'group' && row.group)).toEqual(['specs', 'runs', 'models']);
  }
});

describe('runs', () => {
  const runs = (rows: RunRows) => rows.below({ kind: 'group', group: 'runs' });

  it('stand by question: one row for one answer, one to unfold for several, damaged ones last', async () => {
    await storeRun(folder, { prompt: 'a', seed: 9, finishedAt: new Date(3) });
    await storeRun(folder, { prompt: 'b', seed: 0, finishedAt: new Date(1) });
    await storeRun(folder, { prompt: 'a', seed: 2, finishedAt: new Date(4) });
    const cut = await storeRun(folder, { prompt: 'c', finishedAt: new Date(5) });
    await truncate(join(cut.folder, 'run.json'), 10);
    const rows = rowsOf();
    const [question, single, damaged] = await runs(rows);
    expect([question, single, damaged].map(({ kind }) => kind)).toEqual(['question', 'run', 'damaged']);
    expect(single).toMatchObject({ under: 'runs', run: { definition: { sample: { prompt: 'b' } } } });
    expect(damaged).toMatchObject({ run: { folder: cut.folder } });
    expect((await rows.below(question)).map((row) => row.kind === 'run' && row.run.definition.sample.seed)).toEqual([2, 9]);
  });

  it('of several folders stand in one list, the last answer first', async () => {
    const other = await temporaryFolder();
    await storeRun(folder, { prompt: 'a', finishedAt: new Date(1) });
    await storeRun(other, { prompt: 'a', finishedAt: new Date(2) });
    const rows = await runs(rowsOf({ folders: [folder, other] }));
    expect(rows.map((row) => row.kind === 'run' && row.run.folder.startsWith(other))).toEqual([true, false]);
  });

  it('come a page at a time', async () => {
    const many = Array.from({ length: 2 * pageSize + 50 }, (_, index) => fakeSummary({ prompt: `${index}`, finishedAt: new Date(1e6 - index) }));
    const rows = rowsOf({ runs: { list: () => Promise.resolve(many), ofSpec: () => Promise.resolve([]) } });
    const first = await runs(rows);
    expect(first).toHaveLength(pageSize + 1);
    expect(first.at(-1)).toEqual({ kind: 'more', left: pageSize + 50 });
    rows.showMore();
    expect((await runs(rows)).at(-1)).toEqual({ kind: 'more', left: 50 });
    rows.showMore();
    expect((await runs(rows)).map((row) => row.kind === 'run' && Number(row.run.definition.sample.prompt))).toEqual(many.map((_, index) => index));
  });

  it('say so where there are none', async () => {
    expect(texts(await runs(rowsOf()))).toEqual(['no runs yet']);
  });
});

describe('specs', () => {
  const spec = () => join(folder, 'a.dmi.json');

  it('are the same rows each time, and known by their path', async () => {
    const rows = rowsOf({ specs: [spec()] });
    expect(rows.specAt(spec())).toBeUndefined();
    const [row] = await rows.below({ kind: 'group', group: 'specs' });
    expect((await rows.below({ kind: 'group', group: 'specs' }))[0]).toBe(row);
    expect(rows.specAt(spec())).toBe(row);
    expect(texts(await rowsOf().below({ kind: 'group', group: 'specs' }))).toEqual(['no *.dmi.json yet']);
  });

  it('unfold to their runs, or to why there are none', async () => {
    const below = (sources: Partial<RowSources> = {}) => rowsOf(sources).below({ kind: 'spec', uri: uri(spec()) });
    expect(texts(await below())).toEqual(['no such file']);
    await writeFile(spec(), '{"dmi": 1,');
    expect(texts(await below())).toEqual(['the spec has errors']);
    await writeFile(spec(), '{"dmi": 1, "model": "builtin:scenes", "sample": {"prompt": "a", "seeds": [1, 0]}}');
    expect(texts(await below())).toEqual(['no runs of it yet']);
    const run = fakeSummary({ seed: 0 });
    const found = await below({ runs: { list: () => Promise.resolve([]), ofSpec: () => Promise.resolve([{ seed: 1, run: undefined }, { seed: 0, run }]) } });
    expect(found).toEqual([{ kind: 'run', run, under: 'spec' }]);
  });
});

describe('models', () => {
  it('are the built-in one and those of the workspace, each once', async () => {
    const rows = await rowsOf({ models: ['/m', scenesFolder] }).below({ kind: 'group', group: 'models' });
    expect(rows).toEqual([{ kind: 'model', folder: scenesFolder, builtin: true }, { kind: 'model', folder: '/m', builtin: false }]);
  });

  it('unfold to the sites that have an SAE, or to what is wrong with it', async () => {
    const sites = await rowsOf().below({ kind: 'model', folder: scenesFolder, builtin: true });
    expect(sites.map((row) => row.kind === 'site' && row.facts.site)).toContain('mid_block.attentions.0');

    const model = join(folder, 'model');
    const sae = join(model, 'saes/mid_block.attentions.0');
    await mkdir(join(model, 'saes'), { recursive: true });
    const below = () => rowsOf().below({ kind: 'model', folder: model, builtin: false });
    await cp(join(scenesFolder, 'saes/mid_block.attentions.0'), sae, { recursive: true });
    expect((await below()).map(({ kind }) => kind)).toEqual(['site']);
    const sidecar = join(sae, 'dmi-sae.json');
    await writeFile(sidecar, (await readFile(sidecar, 'utf8')).slice(0, -20));
    expect(texts(await below())[0]).toMatch(/is not valid JSON/);
  });

  it('say so where they have none', async () => {
    expect(texts(await rowsOf().below({ kind: 'model', folder, builtin: false }))).toEqual(['no SAEs beside it']);
  });
});
