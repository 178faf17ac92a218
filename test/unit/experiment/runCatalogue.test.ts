import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sha256Text } from '../../../src/base/sha256.ts';
import type { Damage } from '../../../src/experiment/readRunFolder.ts';
import { checkRunFolder, readRunFolder } from '../../../src/experiment/readRunFolder.ts';
import { groupByQuestion, isRunFolder, newestFirst, RunCatalogue } from '../../../src/experiment/runCatalogue.ts';
import type { RunManifest } from '../../../src/experiment/runManifest.ts';
import type { StoredRun } from '../../../src/experiment/runStore.ts';
import { canonicalJson } from '../../../src/spec/canonicalJson.ts';
import { storeRun } from '../../support/storedRuns.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

let folder: string;
let catalogue: RunCatalogue;
beforeEach(async () => {
  folder = await temporaryFolder();
  catalogue = new RunCatalogue();
});

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));

describe('the list of runs', () => {
  it('is empty where nothing has run', async () => {
    expect(await catalogue.list(folder)).toEqual([]);
    expect(await catalogue.list(join(folder, 'absent'))).toEqual([]);
  });

  it('has the newest first, each with its size on disk', async () => {
    const stored: StoredRun[] = [];
    for (const [seed, finished] of [[0, 2], [1, 3], [2, 1]]) stored.push(await storeRun(folder, { seed, finishedAt: day(finished) }));
    const runs = await catalogue.list(folder);
    expect(runs.map((run) => run.folder)).toEqual([1, 0, 2].map((index) => stored[index].folder));
    const [first] = runs;
    if (first.kind !== 'finished') throw new Error(first.damage);
    expect(first.finishedAt).toEqual(day(3));
    const bytes = execFileSync('find', [first.folder, '-type', 'f', '-printf', '%s\n'], { encoding: 'utf8' }).trim().split('\n').map(Number);
    expect(first.bytes).toBe(bytes.reduce((a, b) => a + b));
  });

  it('passes over what is being written, and what no store has named', async () => {
    const { folder: run } = await storeRun(folder);
    await cp(run, join(run, '../.partial-0123-0123-1-1'), { recursive: true });
    await cp(run, join(run, '../my copy'), { recursive: true });
    await writeFile(join(run, '..', 'f'.repeat(32)), 'a file');
    expect((await catalogue.list(folder)).map((entry) => entry.folder)).toEqual([run]);
  });

  it('finds what is new, and misses what is gone, each time it is asked', async () => {
    const { folder: first } = await storeRun(folder, { seed: 1, finishedAt: day(1) });
    expect(await catalogue.list(folder)).toHaveLength(1);
    const { folder: second } = await storeRun(folder, { seed: 2, finishedAt: day(2) });
    expect((await catalogue.list(folder)).map((run) => run.folder)).toEqual([second, first]);
    await rm(first, { recursive: true });
    expect((await catalogue.list(folder)).map((run) => run.folder)).toEqual([second]);
  });

  it('does not read again what it knows, until told to forget it', async () => {
    const { folder: run } = await storeRun(folder);
    const [before] = await catalogue.list(folder);
    await truncate(join(run, 'image.png'), 1);
    expect((await catalogue.list(folder))[0]).toBe(before);
    catalogue.forget();
    expect((await catalogue.list(folder))[0]).toMatchObject({ kind: 'damaged', damage: 'incomplete' });
  });

  it('does not leave the folder of the spec by a link', async () => {
    const elsewhere = await temporaryFolder();
    const { folder: outside } = await storeRun(elsewhere);
    await mkdir(join(folder, '.dmi'));
    await symlink(join(elsewhere, '.dmi/runs'), join(folder, '.dmi/runs'));
    expect(await catalogue.list(folder)).toEqual([]);
    await rm(join(folder, '.dmi/runs'));
    await mkdir(join(folder, '.dmi/runs'));
    await symlink(outside, join(folder, '.dmi/runs', basename(outside)));
    expect(await catalogue.list(folder)).toEqual([]);
  });
});

describe('a run folder', () => {
  let run: string;
  beforeEach(async () => { run = (await storeRun(folder)).folder; });

  async function rewrite(change: (manifest: RunManifest) => void): Promise<void> {
    const path = join(run, 'run.json');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as RunManifest;
    change(manifest);
    await writeFile(path, JSON.stringify(manifest));
  }

  /** As a forger would: hash and name fit what the manifest says. */
  async function rewriteAndSign(change: (manifest: RunManifest) => void): Promise<void> {
    let key = '';
    await rewrite((manifest) => {
      change(manifest);
      key = sha256Text(canonicalJson(manifest.definition));
      manifest.key = key;
    });
    const renamed = join(run, '..', key.slice(0, 32));
    await rename(run, renamed);
    run = renamed;
  }

  async function damage(): Promise<Damage | undefined> {
    const entry = await readRunFolder(run);
    return entry?.kind === 'damaged' ? entry.damage : undefined;
  }

  it('is whole as the store wrote it', async () => {
    expect(await damage()).toBeUndefined();
    const checked = await checkRunFolder(run);
    expect(checked).toMatchObject({ kind: 'checked', manifest: { timesteps: [999, 998, 997] } });
    expect(await readRunFolder(join(run, 'absent'))).toBeUndefined();
  });

  it('has no manifest where that is missing, a folder, a link or a pipe', async () => {
    const manifest = join(run, 'run.json');
    await rename(manifest, join(folder, 'run.json'));
    expect(await damage()).toBe('no manifest');
    await symlink(join(folder, 'run.json'), manifest);
    expect(await damage()).toBe('no manifest');
    await rm(manifest);
    await mkdir(manifest);
    expect(await damage()).toBe('no manifest');
    await rm(manifest, { recursive: true });
    execFileSync('sh', ['-c', 'mkfifo "$0"', manifest]);
    expect(await damage()).toBe('no manifest');
  });

  it.each([
    ['no JSON', '{"format": 1,'],
    ['deep', '['.repeat(200_000)],
    ['another shape', '{"format": 1}'],
    ['null', 'null'],
    ['too long', `{"format": 1, "padding": "${'x'.repeat(2 ** 20)}"}`],
  ])('is refused when its manifest is %s', async (_, text) => {
    await writeFile(join(run, 'run.json'), text);
    expect(await damage()).toBe('malformed manifest');
  });

  it.skipIf(process.getuid?.() === 0)('is refused when its manifest may not be read', async () => {
    await chmod(join(run, 'run.json'), 0);
    expect(await damage()).toBe('malformed manifest');
  });

  it.each<[string, (manifest: RunManifest) => void]>([
    ['a step beyond the last', ({ definition }) => { definition.trace.steps = [0, 3]; }],
    ['a step twice', ({ definition }) => { definition.trace.steps = [0, 0]; }],
    ['no step', ({ definition }) => { definition.trace.steps = []; }],
    ['another number of timesteps', (manifest) => { manifest.timesteps = [1]; }],
    ['no date', (manifest) => { manifest.finishedAt = 'yesterday'; }],
    ['a file above the folder', ({ files }) => { files['../image.png'] = files['image.png']; }],
    ['a file by its absolute path', ({ files }) => { files['/etc/passwd'] = files['image.png']; }],
    ['a file in a folder of its own', ({ files }) => { files['a/b.png'] = files['image.png']; }],
    ['a file of Windows\' own', ({ files }) => { files['previews/..\\..\\x'] = files['image.png']; }],
    ['no picture', ({ files }) => { delete files['image.png']; }],
    ['no trace', ({ files }) => { delete files['trace.safetensors']; }],
  ])('is refused when its manifest, though signed, lists %s', async (_, change) => {
    await rewriteAndSign(change);
    expect(await damage()).toBe('malformed manifest');
  });

  it('is refused when its definition nests deeper than anybody can write down', async () => {
    await rewrite((manifest) => { Object.assign(manifest.definition, { deep: 'here' }); });
    const path = join(run, 'run.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"here"', `${'['.repeat(100_000)}${']'.repeat(100_000)}`));
    expect(await damage()).toBe('altered manifest');
  });

  it('is refused when it says something else than what its name is the hash of', async () => {
    await rewrite(({ definition }) => { definition.sample.prompt = 'another house'; });
    expect(await damage()).toBe('altered manifest');
  });

  it('is refused under another name', async () => {
    const other = join(run, '..', '0'.repeat(32));
    await rename(run, other);
    run = other;
    expect(await damage()).toBe('altered manifest');
  });

  it('is incomplete when a file is missing, cut or grown, or a link', async () => {
    const image = join(run, 'image.png');
    const content = await readFile(image);
    await rm(image);
    expect(await damage()).toBe('incomplete');
    await writeFile(image, content.subarray(1));
    expect(await damage()).toBe('incomplete');
    await writeFile(image, Buffer.concat([content, content]));
    expect(await damage()).toBe('incomplete');
    await writeFile(join(folder, 'image.png'), content);
    await rm(image);
    await symlink(join(folder, 'image.png'), image);
    expect(await damage()).toBe('incomplete');
    await rm(image);
    await writeFile(image, content);
    expect(await damage()).toBeUndefined();
  });

  it('is incomplete when a preview is missing, or all of them lie elsewhere', async () => {
    const previews = join(run, 'previews');
    await rename(previews, join(folder, 'previews'));
    expect(await damage()).toBe('incomplete');
    await symlink(join(folder, 'previews'), previews);
    expect(await damage()).toBe('incomplete');
    await rm(previews);
    await rename(join(folder, 'previews'), previews);
    expect(await damage()).toBeUndefined();
    await truncate(join(previews, 'step-001.png'), 0);
    expect(await damage()).toBeUndefined();
    expect(await checkRunFolder(run)).toMatchObject({ damage: 'incomplete' });
    await rm(join(previews, 'step-001.png'));
    expect(await damage()).toBe('incomplete');
  });
});

it('puts together what differs only in the seed, the question answered last first', async () => {
  await storeRun(folder, { prompt: 'a', seed: 0, finishedAt: day(1) });
  await storeRun(folder, { prompt: 'b', seed: 0, finishedAt: day(2) });
  await storeRun(folder, { prompt: 'a', seed: 1, finishedAt: day(3) });
  await storeRun(folder, { prompt: 'a', seed: 1, steps: 4, finishedAt: day(4) });
  await storeRun(folder, { prompt: 'a', seed: 1, recorded: [0], finishedAt: day(5) });
  await storeRun(folder, { prompt: 'a', seed: 1, sources: { model: '/other', saes: {} }, finishedAt: day(6) });
  const runs = (await catalogue.list(folder)).filter((run) => run.kind === 'finished');
  const questions = groupByQuestion(runs);
  expect(questions.map((question) => question.runs.map(({ finishedAt }) => finishedAt.getUTCDate()))).toEqual([[6], [5], [4], [3, 1], [2]]);
  expect(new Set(questions.map(({ key }) => key)).size).toBe(5);
});

it('sorts damaged runs last, and equals by folder', () => {
  const damaged = (name: string) => ({ kind: 'damaged', folder: name, damage: 'incomplete' }) as const;
  expect([damaged('b'), damaged('a')].sort(newestFirst).map((run) => run.folder)).toEqual(['a', 'b']);
});

it('knows the paths that a store gives', () => {
  const hash = '0123456789abcdef'.repeat(2);
  expect(isRunFolder(`/w/.dmi/runs/${hash}`)).toBe(true);
  expect(isRunFolder(`C:\\w\\.dmi\\runs\\${hash}`)).toBe(true);
  for (const path of [`/w/.dmi/runs/${hash}/..`, '/w/.dmi/runs', `/w/dmi/runs/${hash}`, `/w/.dmi/runs/${hash}0`, `/w/.dmi/runs/.partial-${hash}`, '/']) {
    expect(isRunFolder(path)).toBe(false);
  }
});
