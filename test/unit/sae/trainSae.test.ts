import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CancelledError } from '../../../src/base/errors.ts';
import { TorchGenerator } from '../../../src/base/torchRandom.ts';
import { ActivationBuffer } from '../../../src/sae/activationBuffer.ts';
import { trainSae } from '../../../src/sae/trainSae.ts';
import type { TrainJob, TrainRecipe } from '../../../src/sae/trainSae.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const d = 24;

/** Unit directions, [count, d]. */
function dictionary(count: number): Float32Array[] {
  const random = new TorchGenerator(7);
  return Array.from({ length: count }, () => {
    const direction = random.randn(d);
    const norm = Math.hypot(...direction);
    return direction.map((value) => value / norm);
  });
}

/** Cells that are each a sum of `active` directions with strengths in [1, 2], about a common offset. */
async function syntheticBuffer(folder: string, { directions, active, rows }: { directions: Float32Array[]; active: number; rows: number }): Promise<ActivationBuffer> {
  const random = new TorchGenerator(8);
  const below = (count: number) => Math.floor(random.random32() / 2 ** 32 * count);
  const x = new Float32Array(rows * d).fill(3);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < active; i++) {
      const direction = directions[below(directions.length)];
      const strength = 5 * (1 + random.random32() / 2 ** 32);
      for (let j = 0; j < d; j++) x[row * d + j] += strength * direction[j];
    }
  }
  const yields = [{ site: 'site', d, cells: rows }];
  const buffer = await ActivationBuffer.create(join(folder, 'activations'), { key: 'synthetic', generations: 1, yields }, { bytes: 1e9 });
  await buffer.add(new Map([['site', x]]));
  await buffer.close();
  return buffer;
}

function job(folder: string, buffer: ActivationBuffer, recipe: Partial<TrainRecipe>): TrainJob {
  return {
    buffer, site: 'site', bufferKey: 'synthetic', checkpoint: join(folder, 'checkpoint.safetensors'), threads: 1,
    recipe: { expansion: 4, k: 2, cells: 600 * 256, batch: 256, learningRate: 3e-3, seed: 0, ...recipe },
  };
}

describe('a synthetic sparse dictionary', () => {
  test('is recovered', { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder();
    const directions = dictionary(48);
    const buffer = await syntheticBuffer(folder, { directions, active: 2, rows: 30_000 });
    const { weights: { wDec }, quality } = await trainSae(job(folder, buffer, {}));
    const rows = Array.from({ length: 4 * d }, (_, latent) => wDec.data.subarray(latent * d, (latent + 1) * d));
    const cosines = directions.map((direction) => Math.max(...rows.map((row) => row.reduce((sum, value, j) => sum + value * direction[j], 0))));
    expect(cosines.filter((cosine) => cosine > 0.95).length).toBeGreaterThanOrEqual(0.95 * directions.length);
    expect(quality.fvu).toBeLessThan(0.1);
  });
});

describe('an interrupted training', () => {
  test('goes on after Ctrl-C and after a kill, and ends in the same bits', async () => {
    const recipe = { cells: 40 * 256 };
    const directions = dictionary(48);
    const whole = await temporaryFolder();
    const uninterrupted = await trainSae(job(whole, await syntheticBuffer(whole, { directions, active: 2, rows: 3000 }), recipe));

    const folder = await temporaryFolder();
    const buffer = await syntheticBuffer(folder, { directions, active: 2, rows: 3000 });
    for (const stopAt of [7, 23]) {
      const controller = new AbortController();
      const interrupted = trainSae({ ...job(folder, buffer, recipe), signal: controller.signal, onStep: (step) => { if (step === stopAt) controller.abort(); } });
      await expect(interrupted).rejects.toThrow(CancelledError);
      expect((await readFile(join(folder, 'checkpoint.safetensors'))).length).toBeGreaterThan(0);
    }
    const killed = trainSae({ ...job(folder, buffer, recipe), checkpointMs: 0, onStep: (step) => { if (step === 31) throw new Error('killed'); } });
    await expect(killed).rejects.toThrow('killed');
    expect(await trainSae(job(folder, buffer, recipe))).toEqual(uninterrupted);
    await expect(readFile(join(folder, 'checkpoint.safetensors'))).rejects.toThrow('ENOENT');
  });
});
