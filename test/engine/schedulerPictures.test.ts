import * as Type from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkShape } from '../../src/base/checkShape.ts';
import { readJsonFile } from '../../src/base/jsonFile.ts';
import { readSafetensors } from '../../src/base/safetensors.ts';
import type { LoadedPipeline } from '../../src/diffusion/loadPipeline.ts';
import { loadPipeline } from '../../src/diffusion/loadPipeline.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { sample } from '../../src/diffusion/sample.ts';
import { schedulerNames } from '../../src/spec/schedulerNames.ts';
import { largestDifference } from '../support/samplingGoldens.ts';
import { golden, scenesFolder } from '../support/scenes.ts';

const shape = Type.Object({
  requests: Type.Array(Type.Object({
    scheduler: Type.Enum([...schedulerNames]), prompt: Type.String(), negativePrompt: Type.String(), seed: Type.Integer(), steps: Type.Integer(),
    guidanceScale: Type.Number(), guidanceRescale: Type.Optional(Type.Number()),
  })),
});
const { requests } = checkShape(shape, await readJsonFile(golden('schedulerPictures.json')), 'schedulerPictures.json', 'Run python test/reference/schedulerPictures.py again.');
const latents = (await readSafetensors(golden('schedulerPictures.safetensors'))).tensors.get('latents')?.data as Float32Array;

let pipeline: LoadedPipeline;
beforeAll(async () => { pipeline = await loadPipeline(await openPipelineFolder(scenesFolder)); });
afterAll(async () => { await pipeline.close(); });

describe("the latents of diffusers' pipeline on Scenes", () => {
  it.each(requests.map((request, index) => ({ ...request, index })))('$scheduler, $steps steps', async ({ index, ...request }) => {
    let final = new Float32Array();
    for await (const state of sample(pipeline, await pipeline.denoiser(), request)) final = Float32Array.from(state.latents);
    const difference = largestDifference(final, latents.subarray(index * final.length, (index + 1) * final.length));
    console.log(`${request.scheduler}, ${request.steps} steps: largest difference of latents ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(1e-3);
  });
});
