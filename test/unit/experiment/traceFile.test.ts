import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSafetensors } from '../../../src/base/safetensors.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import { encodeTrace, readTrace } from '../../../src/experiment/traceFile.ts';
import { TraceRecorder } from '../../../src/experiment/traceRecorder.ts';

const coder = { site: 'mid', file: 'mid.safetensors', d: 3, n: 5, k: 2 };

/** Codes of two rows of four cells: value = 100 * row + 10 * cell + code + step. */
function taps(step: number): Record<string, Tensor> {
  const shape = [2, 4, 2];
  return {
    'sae/mid/indices': { dtype: 'int64', shape, data: BigInt64Array.from({ length: 16 }, (_, i) => BigInt((i + step) % 5)) },
    'sae/mid/values': { dtype: 'float32', shape, data: Float32Array.from({ length: 16 }, (_, i) => 100 * Math.floor(i / 8) + 10 * (Math.floor(i / 2) % 4) + i % 2 + step) },
  };
}

function recorded(): ReturnType<TraceRecorder['finish']> {
  const recorder = new TraceRecorder([coder], ['uncond', 'cond'], [0, 2], [4, 4]);
  for (const step of [0, 1, 2]) recorder.record(step, 900 - step, taps(step));
  return recorder.finish();
}

describe('a trace', () => {
  let folder: string;
  beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'dmi-trace-')); });
  afterAll(async () => { await rm(folder, { recursive: true }); });

  it('holds the recorded steps of both branches, row by row', () => {
    const { steps, timesteps, sites } = recorded();
    expect(steps).toEqual([0, 2]);
    expect([...timesteps]).toEqual([900, 898]);
    expect(sites.map(({ branch, height, width }) => [branch, height, width])).toEqual([['uncond', 2, 2], ['cond', 2, 2]]);
    const [, cond] = sites;
    expect(cond.values[8 + 2 * 3 + 1]).toBe(100 + 30 + 1 + 2); // step 2, cell 3, second code
    expect(cond.indices[8 + 2 * 3 + 1]).toBe((8 + 7 + 2) % 5);
  });

  it('comes back from its file as it was', async () => {
    const path = join(folder, 'trace.safetensors');
    await writeFile(path, encodeTrace(recorded(), { model: 'm' }));
    expect(await readTrace(path)).toEqual(recorded());
  });

  it('bears the documented names, types and shapes', () => {
    const { tensors, metadata } = parseSafetensors(encodeTrace(recorded(), { model: 'm' }), 'trace');
    expect(Object.fromEntries([...tensors].map(([name, { dtype, shape }]) => [name, [dtype, shape]]))).toEqual({
      steps: ['int32', [2]], timesteps: ['float32', [2]],
      'mid/uncond/indices': ['int32', [2, 4, 2]], 'mid/uncond/values': ['float32', [2, 4, 2]],
      'mid/cond/indices': ['int32', [2, 4, 2]], 'mid/cond/values': ['float32', [2, 4, 2]],
    });
    expect(metadata.model).toBe('m');
    expect(JSON.parse(metadata.sites)).toEqual(['uncond', 'cond'].map((branch) => ({ site: 'mid', branch, height: 2, width: 2, d: 3, n: 5, k: 2 })));
  });

  it('names file and tensor when a file is not what it says', async () => {
    const path = join(folder, 'damaged.safetensors');
    const trace = recorded();
    trace.sites[0].indices[3] = 5;
    await writeFile(path, encodeTrace(trace, {}));
    await expect(readTrace(path)).rejects.toMatchObject({ name: 'InputError', file: path, place: 'mid/uncond/indices', message: expect.stringContaining('beyond 4') as string });
    await writeFile(path, encodeTrace(trace, { sites: '{' }));
    await expect(readTrace(path)).rejects.toMatchObject({ name: 'InputError', place: 'metadata "sites"' });
  });

  it('knows the grid of a level whose sides were rounded up', () => {
    const recorder = new TraceRecorder([{ ...coder, k: 1 }], ['cond'], [0], [25, 15]);
    const data = { shape: [1, 13 * 8, 1] };
    recorder.record(0, 1, {
      'sae/mid/indices': { ...data, dtype: 'int64', data: new BigInt64Array(104) }, 'sae/mid/values': { ...data, dtype: 'float32', data: new Float32Array(104) },
    });
    expect(recorder.finish().sites[0]).toMatchObject({ height: 13, width: 8 });
  });

  it('refuses codes that are not numbers, naming site and step', () => {
    const recorder = new TraceRecorder([coder], ['cond'], [0, 7], [4, 4]);
    const broken = taps(7);
    broken['sae/mid/values'].data[5] = NaN;
    expect(() => { recorder.record(7, 300, broken); }).toThrow(expect.objectContaining({ name: 'InputError', file: 'mid.safetensors', place: 'mid, step 7' }) as Error);
  });
});
