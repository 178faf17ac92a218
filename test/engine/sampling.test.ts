import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFileBytes } from '../../src/base/fileBytes.ts';
import { float32 } from '../../src/base/tensor.ts';
import { fitLatentToRgb, renderLatents } from '../../src/diffusion/latentToRgb.ts';
import type { LoadedPipeline } from '../../src/diffusion/loadPipeline.ts';
import { loadPipeline } from '../../src/diffusion/loadPipeline.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { previewMap } from '../../src/diffusion/preview.ts';
import type { SampleRequest, StepState } from '../../src/diffusion/sample.ts';
import { sample } from '../../src/diffusion/sample.ts';
import { largestDifference, samplingGoldens, samplingTensor } from '../support/samplingGoldens.ts';
import { golden, scenesFolder } from '../support/scenes.ts';

let pipeline: LoadedPipeline;
beforeAll(async () => { pipeline = await loadPipeline(await openPipelineFolder(scenesFolder)); });
afterAll(async () => { await pipeline.close(); });

async function run(request: SampleRequest): Promise<StepState[]> {
  const states: StepState[] = [];
  for await (const state of sample(pipeline, await pipeline.denoiser(), request)) states.push(state);
  return states;
}

const request: SampleRequest = { prompt: 'a red house left, meadow', negativePrompt: '', seed: 5, steps: 6, guidanceScale: 5, scheduler: 'ddim' };

describe('sampling Scenes', async () => {
  const { modelHash, requests } = await samplingGoldens();

  it('is compared with goldens of the same model', async () => {
    expect(await pipeline.folder.hash(), 'the goldens were made from another model: run `python test/reference/sampling.py`').toBe(modelHash);
  });

  it.each(requests.map((golden, index) => ({ ...golden, index })))('gives the latents and the picture of diffusers for request $index ($steps steps, guidance $guidanceScale)', async ({ index, ...asked }) => {
    const [latents, strip] = [await samplingTensor('latents'), decode(await readFileBytes(golden('sampling.png')))];
    const final = (await run({ ...asked, scheduler: 'ddim' })).at(-1)?.latents ?? new Float32Array();
    expect(largestDifference(final, latents.subarray(index * final.length, (index + 1) * final.length))).toBeLessThan(1e-3);

    const [image] = await pipeline.vaeDecoder.decode(float32(final, pipeline.latentShape));
    const bytes = image.data.length;
    expect(largestDifference(image.data, strip.data.subarray(index * bytes, (index + 1) * bytes))).toBeLessThanOrEqual(2);
  });

  it('gives a state for each step, with arrays of its own and t falling from noise to image', async () => {
    const states = await run(request);
    expect(states.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    states.forEach(({ t, timestep }, i) => {
      expect(t).toBe(timestep / 1000);
      if (i > 0) expect(timestep).toBeLessThan(states[i - 1].timestep);
    });
    expect(new Set(states.map(({ latents }) => latents)).size).toBe(6);
  });

  it('decodes several latents at once as it decodes each', async () => {
    const pair = (await run(request)).slice(-2).map(({ latents }) => latents);
    const [, ...shape] = pipeline.latentShape;
    const together = await pipeline.vaeDecoder.decode(float32(Float32Array.from([...pair[0], ...pair[1]]), [2, ...shape]));
    for (const [i, latents] of pair.entries()) {
      const [alone] = await pipeline.vaeDecoder.decode(float32(latents, pipeline.latentShape));
      expect(largestDifference(together[i].data, alone.data)).toBeLessThanOrEqual(1);
    }
  });
});

describe('previews of Scenes', () => {
  let cache: string;
  beforeAll(async () => { cache = await mkdtemp(join(tmpdir(), 'dmi-preview-')); });
  afterAll(async () => { await rm(cache, { recursive: true }); });

  it('come from a map that is fitted once per model and kept in the given folder', async () => {
    const folder = join(cache, 'made', 'on demand');
    const fitted = await previewMap(pipeline, folder);
    const [file] = await readdir(folder);
    const spent = pipeline.runMs;
    expect(await previewMap(pipeline, folder)).toMatchObject({ ...fitted });
    expect(pipeline.runMs).toBe(spent);

    await writeFile(join(folder, file), '{ "format": 1, "weights": [');
    expect(await previewMap(pipeline, folder)).toEqual(fitted);
    expect(JSON.parse(await readFile(join(folder, file), 'utf8'))).toMatchObject(fitted);
  });

  it('resemble the VAE\'s pictures of prompts and seeds that the map was not fitted to', async () => {
    const map = await previewMap(pipeline, cache);
    const [truth, guess]: [number[], number[]] = [[], []];
    for (const seed of [101, 102, 103]) {
      for (const { predOriginal } of await run({ ...request, seed })) {
        const [image] = await pipeline.vaeDecoder.decode(float32(predOriginal, pipeline.latentShape));
        const preview = renderLatents(map, predOriginal, pipeline.latentShape);
        truth.push(...blockMeans(image.data, image.width, preview.width, preview.height));
        guess.push(...preview.data);
      }
    }
    // The yardstick is what the best constant picture leaves unexplained.
    const means = [0, 1, 2].map((colour) => mean(truth.filter((_, i) => i % 3 === colour)));
    const r2 = 1 - mean(truth.map((value, i) => (value - guess[i]) ** 2)) / mean(truth.map((value, i) => (value - means[i % 3]) ** 2));
    console.log(`latent-to-RGB map: R² of the fit ${map.r2.map((share) => share.toFixed(3)).join(', ')} (red, green, blue); on other runs ${r2.toFixed(3)}`);
    expect(r2).toBeGreaterThan(0.4);
  });

  it('explain what an independent computation of R² says they do', async () => {
    const states = await run(request);
    const pairs = await Promise.all(states.map(async ({ latents }) => ({
      latents, image: (await pipeline.vaeDecoder.decode(float32(latents, pipeline.latentShape)))[0],
    })));
    const [, channels, height, width] = pipeline.latentShape;
    const map = fitLatentToRgb(pairs, pipeline.latentShape);
    map.r2.forEach((share, colour) => {
      const truth = pairs.flatMap(({ image }) => blockMeans(image.data, image.width, width, height).filter((_, i) => i % 3 === colour));
      const guess = pairs.flatMap(({ latents }) => Array.from({ length: height * width }, (_, cell) =>
        map.weights[colour].reduce((sum, weight, c) => sum + weight * (c === channels ? 1 : latents[c * height * width + cell]), 0)));
      const centre = mean(truth);
      expect(share).toBeCloseTo(1 - mean(truth.map((value, i) => (value - guess[i]) ** 2)) / mean(truth.map((value) => (value - centre) ** 2)), 6);
    });
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean colours of equal square blocks, [rows, columns, 3]. */
function blockMeans(data: Uint8Array, imageWidth: number, columns: number, rows: number): number[] {
  const side = imageWidth / columns;
  return Array.from({ length: rows * columns * 3 }, (_, i) => {
    const [row, column, colour] = [Math.floor(i / 3 / columns), Math.floor(i / 3) % columns, i % 3];
    let sum = 0;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) sum += data[((row * side + y) * imageWidth + column * side + x) * 3 + colour];
    }
    return sum / side ** 2;
  });
}
