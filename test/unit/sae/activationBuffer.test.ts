import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { ActivationBuffer } from '../../../src/sae/activationBuffer.ts';
import { batches } from '../../../src/sae/batches.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const sites = ['wide', 'narrow'];
const yields = [{ site: 'wide', d: 3, cells: 50 }, { site: 'narrow', d: 1, cells: 8 }];

/** Rows that say where they come from: generation · 1000 + row, in every column. */
function labelled(buffer: ActivationBuffer, generation: number): Map<string, Float32Array> {
  return new Map([...buffer.sites].map(([site, { d, rowsPerGeneration }]) => [
    site, Float32Array.from({ length: rowsPerGeneration * d }, (_, index) => generation * 1000 + Math.floor(index / d)),
  ]));
}

async function filled(folder: string, generations: number, bytes: number, shardBytes = 1e6): Promise<ActivationBuffer> {
  const buffer = await ActivationBuffer.create(folder, { key: 'k', generations, yields }, { bytes, shardBytes });
  for (let generation = 0; generation < generations; generation++) await buffer.add(labelled(buffer, generation));
  await buffer.close();
  return buffer;
}

async function bytesBelow(folder: string): Promise<number> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.npy'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0) - 128 * files.length;
}

async function take(buffer: ActivationBuffer, site: string, count: number, options: { seed: number; size: number; from?: number }): Promise<number[][]> {
  const stream = batches(buffer, site, options);
  const taken: number[][] = [];
  for (let batch = 0; batch < count; batch++) taken.push([...(await stream.next()).value]);
  return taken;
}

describe('ActivationBuffer', () => {
  test('keeps within its limit and has rows of every generation', async () => {
    const folder = await temporaryFolder();
    const limit = 20 * (12 + 4) * 5; // five rows of each site from each of twenty generations
    const buffer = await filled(folder, 20, limit);
    expect(await bytesBelow(folder)).toBe(limit);
    const [rows] = await take(buffer, 'narrow', 1, { seed: 0, size: 100 });
    expect(new Set(rows.map((value) => Math.floor(value / 1000))).size).toBe(20);
  });

  test('takes no more rows than a site has cells', async () => {
    const buffer = await filled(await temporaryFolder(), 2, 1e9);
    expect([buffer.rows('wide'), buffer.rows('narrow')]).toEqual([100, 16]);
  });

  test('goes on where it was left, whatever was written after', async () => {
    const [folder, whole] = [await temporaryFolder(), await temporaryFolder()];
    const begun = await ActivationBuffer.create(folder, { key: 'k', generations: 3, yields }, { bytes: 1e9 });
    await begun.add(labelled(begun, 0));
    await begun.close();
    const resumed = await ActivationBuffer.resume(folder, 'k', sites);
    if (resumed === undefined) throw new Error('not resumed');
    expect(resumed.done).toBe(1);
    for (const generation of [1, 2]) await resumed.add(labelled(resumed, generation));
    await resumed.close();
    const uninterrupted = await filled(whole, 3, 1e9);
    expect(await resumed.readShard('wide', 0)).toEqual(await uninterrupted.readShard('wide', 0));
  });

  test('is not resumed for other activations', async () => {
    const folder = await temporaryFolder();
    await filled(folder, 1, 1e9);
    expect(await ActivationBuffer.resume(folder, 'other', sites)).toBeUndefined();
    expect(await ActivationBuffer.resume(folder, 'k', ['third'])).toBeUndefined();
    expect(await ActivationBuffer.resume(join(folder, 'nowhere'), 'k', sites)).toBeUndefined();
    expect((await ActivationBuffer.resume(folder, 'k', ['wide']))?.rows('wide')).toBe(50);
  });

  test('says what limit would do', async () => {
    const create = ActivationBuffer.create(await temporaryFolder(), { key: 'k', generations: 100, yields }, { bytes: 1000 });
    await expect(create).rejects.toThrow(InputError);
    await expect(create).rejects.toMatchObject({ remedy: expect.stringContaining('--buffer-mb') as string });
  });
});

describe.each([1e6, 50])('batches over shards of %d bytes', (shardBytes) => {
  test('go through every row once an epoch, each time in another order', async () => {
    const buffer = await filled(await temporaryFolder(), 4, 1e9, shardBytes);
    const epochs = await take(buffer, 'narrow', 2, { seed: 0, size: 32 });
    const all = Array.from({ length: 32 }, (_, row) => Math.floor(row / 8) * 1000 + row % 8);
    expect(epochs.map((rows) => [...rows].sort((a, b) => a - b))).toEqual([all, all]);
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[0]).not.toEqual(all);
  });

  test('can begin anywhere, also in the middle of a later epoch', async () => {
    const buffer = await filled(await temporaryFolder(), 4, 1e9, shardBytes);
    const options = { seed: 3, size: 7 };
    const stream = await take(buffer, 'wide', 60, options);
    expect(await take(buffer, 'wide', 3, { ...options, from: 57 })).toEqual(stream.slice(57));
  });
});
