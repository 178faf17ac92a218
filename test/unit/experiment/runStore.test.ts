import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256Text } from '../../../src/base/sha256.ts';
import { isAlive, ownIdentity } from '../../../src/base/processIdentity.ts';
import { writeDurably } from '../../../src/experiment/fileBatch.ts';
import type { RunManifest } from '../../../src/experiment/runManifest.ts';
import { RunStore } from '../../../src/experiment/runStore.ts';
import type { RunRecord } from '../../../src/experiment/runStore.ts';
import { canonicalJson } from '../../../src/spec/canonicalJson.ts';

/** The run of one seed. */
function record(seed = 0, finishedAt = new Date(0)): RunRecord {
  const definition: RunRecord['definition'] = {
    engine: '0', model: 'm', saes: {}, trace: { branch: 'cond', steps: [0] },
    sample: { prompt: 'p', negativePrompt: '', seed, scheduler: 'ddim', steps: 1, guidanceScale: 5 },
  };
  return {
    format: 1, key: sha256Text(canonicalJson(definition)), definition,
    sources: { model: '', saes: {} }, timesteps: [1], latents: [4, 16, 16], previews: 'vae',
    timings: { unetMs: 1, sessionMs: 1, totalMs: 1 }, versions: {}, finishedAt: finishedAt.toISOString(),
  };
}

const { key } = record();

describe('the run store', () => {
  let root: string;
  beforeEach(async () => { root = join(await mkdtemp(join(tmpdir(), 'dmi-store-')), 'runs'); });
  afterEach(async () => { await rm(join(root, '..'), { recursive: true, force: true }); });

  async function storeOne(): Promise<RunStore> {
    const store = await RunStore.open(root);
    const pending = await store.begin(key);
    pending.add('image.png', Uint8Array.of(1, 2, 3));
    pending.add('trace.safetensors', 'trace');
    pending.add('previews/step-000.png', 'x');
    await pending.commit(record());
    return store;
  }

  it('gives a run its final name only when it is complete', async () => {
    const store = await RunStore.open(root);
    const pending = await store.begin(key);
    pending.add('image.png', Uint8Array.of(1, 2, 3));
    pending.add('trace.safetensors', 'trace');
    expect(await store.find(key)).toBeUndefined();
    expect((await readdir(root)).every((name) => name.startsWith('.partial-'))).toBe(true);
    const { folder } = await pending.commit(record());
    expect(await readdir(root)).toEqual([key.slice(0, 32)]);
    expect((await store.find(key))?.folder).toBe(folder);
    expect(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8'))).toMatchObject({
      key, files: { 'image.png': { bytes: 3, sha256: '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81' } },
    });
  });

  it('does not take a damaged run for a result, and replaces it', async () => {
    const store = await storeOne();
    const folder = store.folderOf(key);
    await truncate(join(folder, 'image.png'), 1);
    expect(await store.find(key)).toBeUndefined();
    await storeOne();
    expect(await store.find(key)).toBeDefined();
    await truncate(join(folder, 'previews/step-000.png'), 0);
    expect(await store.find(key)).toBeUndefined();
    await writeFile(join(folder, 'run.json'), '{');
    expect(await store.find(key)).toBeUndefined();
  });

  it('does not take for a result what others made to look like one', async () => {
    const store = await storeOne();
    const folder = store.folderOf(key);
    const text = await readFile(join(folder, 'run.json'), 'utf8');
    await writeFile(join(folder, 'run.json'), text.replace('"prompt": "p"', '"prompt": "q"'));
    expect(await store.find(key)).toBeUndefined();
    await writeFile(join(folder, 'run.json'), text);
    expect(await store.find(key)).toBeDefined();
    // A picture that leads to a file of ours would stand in the next report.
    await writeFile(join(root, '../secret'), 'abc');
    await rm(join(folder, 'image.png'));
    await symlink(join(root, '../secret'), join(folder, 'image.png'));
    expect(await store.find(key)).toBeUndefined();
  });

  it('keeps the run of a faster process', async () => {
    const store = await RunStore.open(root);
    const slow = await store.begin(key);
    slow.add('image.png', 'slow');
    slow.add('trace.safetensors', 'trace');
    await rename(slow, store);
    expect(await readFile(join(store.folderOf(key), 'image.png'), 'utf8')).toBe('fast');
    expect(await readdir(root)).toEqual([key.slice(0, 32)]);
  });

  /** Finish the same run elsewhere, then the slow one. */
  async function rename(slow: Awaited<ReturnType<RunStore['begin']>>, store: RunStore): Promise<void> {
    const elsewhere = await RunStore.open(join(root, '..', 'elsewhere'));
    const fast = await elsewhere.begin(key);
    fast.add('image.png', 'fast');
    fast.add('trace.safetensors', 'trace');
    const { folder } = await fast.commit(record());
    await (await import('node:fs/promises')).rename(folder, store.folderOf(key));
    await slow.commit(record());
  }

  it('is pruned to a limit: the oldest go first, those to keep and what is not a run never', async () => {
    const store = await RunStore.open(root);
    const folders: string[] = [];
    const keys: string[] = [];
    // Written in this order, finished in another.
    for (const [seed, day] of [3, 1, 2, 4].entries()) {
      const run = record(seed, new Date(Date.UTC(2026, 0, day)));
      const pending = await store.begin(run.key);
      pending.add('image.png', new Uint8Array(100_000));
      pending.add('trace.safetensors', 'trace');
      folders.push((await pending.commit(run)).folder);
      keys.push(run.key);
    }
    for (const name of ['notes', 'e'.repeat(32)]) await mkdir(join(root, name));
    expect(await store.prune(1e9, [])).toEqual([]);
    expect(await store.prune(250_000, [keys[1]])).toEqual([folders[2], folders[0]]);
    expect((await readdir(root)).sort()).toEqual([basename(folders[1]), basename(folders[3]), 'e'.repeat(32), 'notes'].sort());
    expect(await store.find(keys[3])).toBeDefined();
    expect(await store.prune(0, [keys[1]])).toEqual([folders[3]]);
    expect(await store.find(keys[1])).toBeDefined();
  });

  /** Store runs of some seeds, finished a day after each other. @returns keys */
  async function storeDays(store: RunStore, count: number): Promise<string[]> {
    const keys: string[] = [];
    for (let day = 1; day <= count; day++) {
      const run = record(day, new Date(Date.UTC(2026, 0, day)));
      const pending = await store.begin(run.key);
      pending.add('image.png', new Uint8Array(100_000));
      pending.add('trace.safetensors', 'trace');
      await pending.commit(run);
      keys.push(run.key);
    }
    return keys;
  }

  it('is not pruned of what somebody holds, in this process or another, until it is released or the holder is gone', async () => {
    const store = await RunStore.open(root);
    const keys = await storeDays(store, 3);
    const hold = await store.hold([keys[0]]);
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    try {
      const started = (await readFile(`/proc/${child.pid ?? 0}/stat`, 'utf8').catch(() => '')).split(') ')[1]?.split(' ')[19] ?? '';
      const { host } = await ownIdentity();
      await writeFile(join(root, `../open/${host}-${child.pid ?? 0}-${started}-ab.json`), JSON.stringify([keys[1].slice(0, 32)]));
      const another = await RunStore.open(root);
      expect(await another.prune(0, [])).toEqual([store.folderOf(keys[2])]);
      await hold.release();
      expect(await another.prune(0, [])).toEqual([store.folderOf(keys[0])]);
    } finally {
      child.kill();
    }
    await once(child, 'exit');
    expect(await store.prune(0, [])).toEqual([store.folderOf(keys[1])]);
    expect(await readdir(join(root, '../open'))).toEqual([]);
  });

  it('is pruned of runs that go together as one: by when they were last asked for, never of a part, and of what two share only with both', async () => {
    const store = await RunStore.open(root);
    const [a, b, c, d, e] = await storeDays(store, 5);
    const soon = new Date(Date.UTC(2026, 0, 2, 12));
    const unitFiles = async (): Promise<string[]> => (await readdir(join(root, '../units'))).map((name) => join(root, '../units', name));
    await store.keepTogether('one', [a, b]);
    for (const path of await unitFiles()) await utimes(path, soon, soon);
    await store.keepTogether('two', [b, d]); // asked for just now
    const folders = (...keys: string[]): string[] => keys.map((key) => store.folderOf(key));
    expect((await store.prune(320_000, [])).sort()).toEqual(folders(a, c).sort()); // b stays with d
    await store.keepTogether('three', [d, e]);
    // With d kept, neither two nor three may go.
    expect(await store.prune(0, [d])).toEqual([]);
    expect((await store.prune(0, [])).sort()).toEqual(folders(b, d, e).sort());
    expect(await unitFiles()).toEqual([]);
  });

  it('lets one process at a time claim a run, and passes over the claims of the dead', async () => {
    const store = await RunStore.open(root);
    const lock = await store.lock(key);
    expect(lock).toBeDefined();
    expect(await store.lock(key)).toBeUndefined();
    expect(await (await RunStore.open(root)).lock(key)).toBeUndefined();
    await lock?.release();
    const locks = join(root, '../locks');
    expect(await readdir(locks)).toEqual([]);

    const path = join(locks, `${key.slice(0, 32)}.lock`);
    const { host } = await ownIdentity();
    const foreign = JSON.stringify({ host: '00000000', pid: 1, started: '1' });
    for (const [text, ageMs, free] of [
      [JSON.stringify({ host, pid: 999_999_999, started: '1' }), 0, true],
      [foreign, 0, false], [foreign, 3600_000, true], // another machine renews its locks
      ['', 0, false], ['{"host":', 3600_000, true], // a crash while it was written
    ] as const) {
      await writeFile(path, text);
      const written = new Date(Date.now() - ageMs);
      await utimes(path, written, written);
      const claim = await store.lock(key);
      expect(claim !== undefined, text).toBe(free);
      await claim?.release();
      expect(await readdir(locks)).toEqual(free ? [] : [basename(path)]);
    }
    for (let round = 0; round < 50; round++) {
      await writeFile(path, JSON.stringify({ host, pid: 999_999_999, started: '1' }));
      const rush = await Promise.all(Array.from({ length: 8 }, () => store.lock(key)));
      expect(rush.filter((claim) => claim !== undefined).length, `round ${round}`).toBe(1);
      for (const claim of rush) await claim?.release();
    }
    await writeFile(path, JSON.stringify({ host, pid: 999_999_999, started: '1' }));
    await RunStore.open(root);
    expect(await readdir(locks)).toEqual([]);
  });

  it('shares a file of a finished run with another', async () => {
    const store = await storeOne();
    const again = record(1);
    const pending = await store.begin(again.key);
    pending.add('image.png', 'other');
    pending.add('trace.safetensors', 'trace');
    pending.share('previews/step-000.png', join(store.folderOf(key), 'previews/step-000.png'));
    const { folder, manifest } = await pending.commit(again);
    expect(manifest.files['previews/step-000.png']).toEqual((await store.find(key))?.manifest.files['previews/step-000.png']);
    await rm(store.folderOf(key), { recursive: true });
    expect(await readFile(join(folder, 'previews/step-000.png'), 'utf8')).toBe('x');
    expect(await store.find(again.key)).toBeDefined();
  });

  it('is pruned by what runs hold, not by what they claim', async () => {
    const store = await storeOne();
    const claims = join(root, 'f'.repeat(32));
    await mkdir(claims);
    const manifest = JSON.parse(await readFile(join(store.folderOf(key), 'run.json'), 'utf8')) as RunManifest;
    await writeFile(join(claims, 'run.json'), JSON.stringify({ ...manifest, files: { 'image.png': { bytes: 1e15, sha256: '' } } }));
    expect(await store.prune(1e6, [])).toEqual([]);
  });

  it('removes what a dead process left and nothing that a live one writes', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    try {
      const { host } = await ownIdentity();
      const started = (await readFile(`/proc/${child.pid ?? 0}/stat`, 'utf8').catch(() => '')).split(') ')[1]?.split(' ')[19] ?? '';
      const live = `.partial-${key.slice(0, 32)}-${host}-${child.pid ?? 0}-${started}`;
      const reused = `.partial-${key.slice(0, 32)}-${host}-${process.pid}-1`; // this number belonged to another process
      const foreign = `.partial-${key.slice(0, 32)}-00000000-1-1`;
      const foreignOld = `.partial-${key.slice(0, 32)}-00000000-2-1`;
      for (const name of [live, reused, foreign, foreignOld, 'notes']) await mkdir(join(root, name), { recursive: true });
      await utimes(join(root, foreignOld), 0, 0);
      await RunStore.open(root);
      expect((await readdir(root)).sort()).toEqual([live, foreign, 'notes', ...(process.platform === 'linux' ? [] : [reused])].sort());
      child.kill();
      await once(child, 'exit');
      await RunStore.open(root);
      expect((await readdir(root)).sort()).toEqual([foreign, 'notes'].sort());
    } finally {
      child.kill();
    }
  });

  it('recognises its own process', async () => {
    expect(await isAlive(await ownIdentity())).toBe(true);
  });

  it('reports a full disk with file and remedy, and abandons without a trace', async () => {
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    const store = await RunStore.open(root, async (path, content) => {
      if (path.endsWith('image.png')) throw (await import('../../../src/base/fileBytes.ts')).fileError(full, path);
      await writeDurably(path, content);
    });
    const pending = await store.begin(key);
    pending.add('previews/step-000.png', 'x');
    pending.add('image.png', 'y');
    await expect(pending.commit(record())).rejects.toMatchObject({ name: 'InputError', message: 'disk full', file: expect.stringContaining('image.png') as string });
    await pending.abandon();
    expect(await readdir(root)).toEqual([]);
  });
});
