import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { expect, it } from 'vitest';
import { readMask } from '../../../src/spec/readMask.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

async function maskOf(bytes: Uint8Array): Promise<number[]> {
  const path = join(await temporaryFolder(), 'mask.png');
  await writeFile(path, bytes);
  return [...(await readMask(path)).data].map((value) => Number(value.toFixed(3)));
}

it('reads brightness and opacity of every common kind of PNG', async () => {
  expect(await maskOf(encode({ width: 3, height: 1, channels: 1, data: new Uint8Array([0, 51, 255]) }))).toEqual([0, 0.2, 1]);
  expect(await maskOf(encode({ width: 1, height: 2, channels: 1, depth: 16, data: new Uint16Array([65535, 13107]) }))).toEqual([1, 0.2]);
  expect(await maskOf(encode({ width: 2, height: 1, channels: 2, data: new Uint8Array([255, 51, 255, 255]) }))).toEqual([0.2, 1]);
  expect(await maskOf(encode({ width: 2, height: 1, channels: 3, data: new Uint8Array([255, 255, 255, 0, 0, 0]) }))).toEqual([1, 0]);
  expect(await maskOf(encode({ width: 2, height: 1, channels: 4, data: new Uint8Array([255, 255, 255, 0, 255, 0, 0, 255]) }))).toEqual([0, 0.299]);
});

it('says what is wrong with anything else', async () => {
  const png = encode({ width: 64, height: 64, channels: 1, data: new Uint8Array(4096).map((_, index) => index * 7) });
  await expect(maskOf(new Uint8Array([1, 2, 3]))).rejects.toThrow('not a readable PNG');
  await expect(maskOf(png.subarray(0, 60))).rejects.toThrow('not a readable PNG');
  const huge = png.slice();
  huge.set([0x7f, 0xff, 0xff, 0xff], 16);
  await expect(maskOf(huge)).rejects.toThrow('too large');
});
