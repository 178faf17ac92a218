import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { ArraySpool } from '../../../src/study/arraySpool.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

it('arrays come back bit for bit in their order, as often as they are asked for, and leave nothing behind', async () => {
  const folder = await temporaryFolder();
  for (const variable of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(variable, folder);
  await fc.assert(fc.asyncProperty(fc.array(fc.float32Array({ maxLength: 50 }), { maxLength: 8 }), async (arrays) => {
    const spool = await ArraySpool.open();
    try {
      expect(await readdir(folder)).toHaveLength(1);
      // Views into larger arrays, as rows of a batch are.
      for (const array of arrays) await spool.add(new Float32Array([1, ...array, 2]).subarray(1, array.length + 1));
      for (let time = 0; time < 2; time++) {
        const back: Float32Array[] = [];
        for await (const array of spool.all()) back.push(array);
        expect(back).toEqual(arrays);
      }
    } finally {
      await spool.close();
    }
  }), { seed: 1, numRuns: 30 });
  expect(await readdir(folder)).toEqual([]);
  vi.unstubAllEnvs();
});
