import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, ownIdentity } from '../../../src/experiment/processIdentity.ts';
import { writeDurably } from '../../../src/experiment/fileBatch.ts';
import { RunStore } from '../../../src/experiment/runStore.ts';
import type { RunRecord } from '../../../src/experiment/runStore.ts';

const key = 'ab'.repeat(32);

function record(of = key): RunRecord {
  return {
    format: 1, key: of,
    definition: {
      engine: '0', model: 'm', saes: {}, trace: { branch: 'cond', steps: [0] },
      sample: { prompt: 'p', negativePrompt: '', seed: 0, scheduler: 'ddim', steps: 1, guidanceScale: 5 },
    },
    sources: { model: '', saes: {} }, timesteps: [1], latents: [4, 16, 16], previews: 'vae',
    timings: { unetMs: 1, sessionMs: 1, totalMs: 1 }, versions: {}, finishedAt: '',
  };
}

describe('the run store', () => {
  let root: string;
  beforeEach(async () => { root = join(await mkdtemp(join(tmpdir(), 'dmi-store-')), 'runs'); });
  afterEach(async () => { await rm(join(root, '..'), { recursive: true, force: true }); });

  async function storeOne(): Promise<RunStore> {
    const store = await RunStore.open(root);
    const pending = await store.begin(key);
    pending.add('image.png', Uint8Array.of(1, 2, 3));
    pending.add('previews/step-000.png', 'x');
    await pending.commit(record());
    return store;
  }

  it('gives a run its final name only when it is complete', async () => {
    const store = await RunStore.open(root);
    const pending = await store.begin(key);
    pending.add('image.png', Uint8Array.of(1, 2, 3));
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
    await rm(join(folder, 'previews'), { recursive: true });
    expect(await store.find(key)).toBeUndefined();
    await writeFile(join(folder, 'run.json'), '{');
    expect(await store.find(key)).toBeUndefined();
  });

  it('keeps the run of a faster process', async () => {
    const store = await RunStore.open(root);
    const slow = await store.begin(key);
    slow.add('image.png', 'slow');
    await rename(slow, store);
    expect(await readFile(join(store.folderOf(key), 'image.png'), 'utf8')).toBe('fast');
    expect(await readdir(root)).toEqual([key.slice(0, 32)]);
  });

  /** Finish the same run elsewhere, then the slow one. */
  async function rename(slow: Awaited<ReturnType<RunStore['begin']>>, store: RunStore): Promise<void> {
    const elsewhere = await RunStore.open(join(root, '..', 'elsewhere'));
    const fast = await elsewhere.begin(key);
    fast.add('image.png', 'fast');
    const { folder } = await fast.commit(record());
    await (await import('node:fs/promises')).rename(folder, store.folderOf(key));
    await slow.commit(record());
  }

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
