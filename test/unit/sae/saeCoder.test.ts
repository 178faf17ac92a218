import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readSafetensors } from '../../../src/base/safetensors.ts';
import { decoderCosines } from '../../../src/sae/decoderCosines.ts';
import { describeCheckpoint } from '../../../src/sae/loadSaes.ts';
import { QualityMeter } from '../../../src/sae/qualityMeter.ts';
import { SaeCoder } from '../../../src/sae/saeCoder.ts';
import { golden } from '../../support/scenes.ts';

const folder = golden('saelens');
const expected = await readSafetensors(`${folder}/expected.safetensors`);
const quality = JSON.parse(await readFile(`${folder}/expected.json`, 'utf8')) as { fvu: number; evPerDimension: number; l0: number; deadOverLast: Record<string, number> };

function elements(name: string): Float32Array {
  return expected.tensors.get(name)?.data as Float32Array;
}

function expectClose(actual: Float32Array, wanted: Float32Array, tolerance: number): void {
  expect(actual.length).toBe(wanted.length);
  expect(Math.max(...actual.map((value, i) => Math.abs(value - wanted[i])))).toBeLessThan(tolerance);
}

test('an SAE saved by SAELens encodes, decodes and measures as in PyTorch', async () => {
  const checkpoint = await describeCheckpoint(folder);
  const coder = await SaeCoder.open(await checkpoint.weights(), checkpoint);
  const x = elements('x');
  const codes = await coder.encode(x, checkpoint.k);
  expectClose(codes.reconstruction, elements('reconstruction'), 1e-4);
  const z = new Float32Array(elements('z').length);
  for (const [place, index] of codes.indices.entries()) z[Math.floor(place / checkpoint.k) * checkpoint.n + Number(index)] = codes.values[place];
  expectClose(z, elements('z'), 1e-4);

  const meter = new QualityMeter(checkpoint.d, checkpoint.n);
  const cells = x.length / checkpoint.d;
  for (const [from, to] of [[0, 20], [20, cells]]) { // batches of any size give the same
    const part = x.subarray(from * checkpoint.d, to * checkpoint.d);
    meter.add(part, await coder.encode(part, checkpoint.k));
  }
  const result = meter.result();
  expect(result.fvu).toBeCloseTo(quality.fvu, 5);
  expect(result.evPerDimension).toBeCloseTo(quality.evPerDimension, 5);
  expect(result.l0).toBeCloseTo(quality.l0, 5);
  expect(result.dead.map(({ cells: seen }) => seen)).toEqual([cells, cells, cells]);
  expect(result.dead[0].share).toBeCloseTo(quality.deadOverLast[cells], 5);
  for (const name of ['density', 'mean', 'max'] as const) expectClose(result[name], elements(name), 1e-4);
  expectClose(await decoderCosines((await checkpoint.weights()).wDec), elements('cosines'), 1e-5);
  await coder.close();
});

test('silence is counted over a window of the last cells', async () => {
  const checkpoint = await describeCheckpoint(folder);
  const coder = await SaeCoder.open(await checkpoint.weights(), checkpoint);
  const meter = new QualityMeter(checkpoint.d, checkpoint.n, [10]);
  meter.add(elements('x'), await coder.encode(elements('x'), checkpoint.k));
  expect(meter.result().dead).toEqual([{ window: 10, cells: 10, share: expect.closeTo(quality.deadOverLast[10], 5) as number }]);
  await coder.close();
});
