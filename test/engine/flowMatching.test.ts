import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { checkShape } from '../../src/base/checkShape.ts';
import { readSafetensors } from '../../src/base/safetensors.ts';
import { loadPipeline } from '../../src/diffusion/loadPipeline.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { sample } from '../../src/diffusion/sample.ts';
import { withRestOfPipeline } from '../support/exports.ts';
import { largestDifference } from '../support/samplingGoldens.ts';
import { golden } from '../support/scenes.ts';

const shape = Type.Object({
  requests: Type.Array(Type.Object({
    config: Type.Object({}), prompt: Type.String(), negativePrompt: Type.String(), seed: Type.Integer(), steps: Type.Integer(), guidanceScale: Type.Number(),
  })),
});
const { tensors, metadata } = await readSafetensors(golden('flow.safetensors'));
const { requests } = checkShape(shape, JSON.parse(metadata.golden), 'flow.safetensors', 'Run python test/reference/flow.py again.');
const latents = tensors.get('latents')?.data as Float32Array;

describe('a pipeline trained by flow matching', () => {
  it.each(requests.map((request, index) => ({ ...request, index })))("makes the latents of diffusers' scheduler: $config, $steps steps", async ({ config, index, ...request }) => {
    const folder = await withRestOfPipeline('sd1-optimum');
    await writeFile(join(folder, 'scheduler/scheduler_config.json'), JSON.stringify({ _class_name: 'FlowMatchEulerDiscreteScheduler', ...config }));
    const pipeline = await loadPipeline(await openPipelineFolder(folder));
    let final = new Float32Array();
    let times: number[] = [];
    for await (const state of sample(pipeline, await pipeline.denoiser(), request)) {
      final = Float32Array.from(state.latents);
      times = [...times, state.t];
    }
    await pipeline.close();
    expect(times[0]).toBe(1);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(largestDifference(final, latents.subarray(index * final.length, (index + 1) * final.length))).toBeLessThan(1e-4);
  });
});
