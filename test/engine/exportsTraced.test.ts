import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/base/tensor.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { Generation } from '../../src/diffusion/generation.ts';
import { sample } from '../../src/diffusion/sample.ts';
import { stackConditionings, stackVariants, variantOf } from '../../src/experiment/advanceRuns.ts';
import type { EditDefinition } from '../../src/experiment/editDefinition.ts';
import { TracingModel } from '../../src/experiment/tracingModel.ts';
import { loadSaeFolder } from '../../src/sae/loadSaes.ts';
import { exportFolder, withRestOfPipeline } from '../support/exports.ts';
import { largestDifference } from '../support/samplingGoldens.ts';
import { writeRandomSaes } from '../support/randomSaes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const sites = ['mid_block.attentions.0', 'up_blocks.1.attentions.1'];
const edit: EditDefinition = { site: sites[0], concepts: [3, 9], operation: 'add', amount: 3, unit: 'mean', where: 'left', elsewhere: 'keep', branch: 'cond', steps: [0, 1] };
const variants: readonly (readonly EditDefinition[])[] = [
  [edit, { ...edit, site: sites[1], operation: 'scale', amount: 0, unit: 'raw', where: { concepts: [1, 2, 3, 4, 5], above: 0.1 }, branch: 'uncond' }],
  [{ ...edit, branch: 'contrast', unit: 'norm', amount: 1 }],
];
const request = { prompt: 'a red house', negativePrompt: 'a boat', seed: 4, steps: 3, guidanceScale: 4, scheduler: 'ddim' as const };

interface Traced {
  /** Latents after the last step, and codes of all steps. */
  readonly latents: Float32Array;
  readonly codes: Float32Array;
}

/** A run with edits that is traced at both sites, or a step of two such runs in one batch. */
async function traced(folder: string, branch: 'cond' | 'uncond' | 'both', guidanceScale = request.guidanceScale, edits = variants[0]): Promise<Traced & { readonly batch: readonly Float32Array[]; readonly alone: readonly Float32Array[] }> {
  const saeFolder = await temporaryFolder();
  await writeRandomSaes(saeFolder, folder, { sites });
  const saes = await loadSaeFolder(saeFolder);
  const model = await TracingModel.load(await openPipelineFolder(folder), saes, branch, await temporaryFolder(), {}, saes);
  try {
    const guided = model.pipeline.guided(guidanceScale);
    const inputs = await model.editInputs({ masks: new Map(), guided });
    const codes: number[] = [];
    let latents = new Float32Array();
    for await (const state of sample(model.pipeline, model.denoiser((step) => inputs.at([edits], step)), { ...request, guidanceScale })) {
      for (const { site } of saes) codes.push(...numbers(state.taps[`sae/${site}/values`]));
      latents = state.latents as Float32Array<ArrayBuffer>;
    }
    const fitting = variants.map((of) => of.filter(({ site }) => saes.some((sae) => sae.site === site))); // the blocks of SDXL lie elsewhere
    const generations = await Promise.all(variants.map((_, seed) => Generation.begin(model.pipeline, { ...request, guidanceScale, seed })));
    const ask = async (which: readonly number[]): Promise<Awaited<ReturnType<TracingModel['predict']>>> => model.predict(
      stackVariants(which.map((index) => generations[index].input())), 501, stackConditionings(which.map((index) => generations[index].conditioning)), inputs.at(which.map((index) => fitting[index]), 0));
    const together = guided ? await ask([0, 1]) : undefined;
    const batch = together === undefined ? [] : [0, 1].map((index) => numbers(variantOf(together, index, 2).noise).slice());
    const alone: Float32Array[] = [];
    for (const index of guided ? [0, 1] : []) alone.push(numbers((await ask([index])).noise).slice());
    return { latents, codes: Float32Array.from(codes), batch, alone };
  } finally {
    await model.close();
  }
}

function numbers({ data }: Tensor): Float32Array {
  return data as Float32Array;
}

describe.each(['cond', 'uncond', 'both'] as const)('a traced and edited run (%s) of an export', (branch) => {
  let reference: Awaited<ReturnType<typeof traced>>;
  beforeAll(async () => { reference = await traced(exportFolder('sd1-optimum'), branch); });

  it.each(['sd1-legacy-wrapped-batch1', 'sd1-dynamo-fixed', 'sd1-dynamo-dynamic-external', 'sd1-for-the-cpu'])('of one or two rows at a time, of another exporter, or fused, is that of any other: %s', async (name) => {
    const ours = await traced(name === 'sd1-for-the-cpu' ? await withRestOfPipeline(name) : exportFolder(name), branch);
    expect(largestDifference(ours.latents, reference.latents)).toBeLessThan(1e-4);
    expect(largestDifference(ours.codes, reference.codes)).toBeLessThan(1e-4);
    for (const variant of [0, 1]) {
      expect(largestDifference(ours.batch[variant], ours.alone[variant])).toBeLessThan(1e-5);
      expect(largestDifference(ours.batch[variant], reference.alone[variant])).toBeLessThan(1e-4);
    }
  });
});

it('runs without guidance go through an export of two rows', async () => {
  const [ours, reference] = [await traced(exportFolder('sd1-dynamo-fixed'), 'cond', 1, [edit]), await traced(exportFolder('sd1-optimum'), 'cond', 1, [edit])];
  expect(largestDifference(ours.latents, reference.latents)).toBeLessThan(1e-4);
  expect(largestDifference(ours.codes, reference.codes)).toBeLessThan(1e-4);
});

it.each<[name: string, rest: string | undefined, guidanceScale: number]>([
  ['lcm-optimum', 'sd1-optimum', 4], ['lcm-dynamo', 'sd1-optimum', 4], ['lcm-legacy-fp16', 'sd1-optimum', 4],
  ['sd1-script-fp16', undefined, 1], ['sd1-optimum-fp16', undefined, 4], ['sd1-dynamo-fp16', undefined, 4],
  ['sdxl-dynamo', 'sdxl-optimum', 4], ['sdxl-optimum-fp16', undefined, 4], ['sdxl-dynamo-fp16-inside', 'sdxl-optimum', 4], ['sdxl-legacy-wrapped-fp16', 'sdxl-optimum', 1],
])('edits act in an LCM, which has one row whatever the guidance scale, in SDXL and in float16 pipelines: %s', async (name, rest, scale) => {
  const folder = rest === undefined ? exportFolder(name) : await withRestOfPipeline(name, rest);
  const [edited, plain] = [await traced(folder, 'cond', scale, [edit]), await traced(folder, 'cond', scale, [])];
  expect(largestDifference(edited.latents, plain.latents)).toBeGreaterThan(1e-3);
  expect(edited.codes.every(Number.isFinite)).toBe(true);
});
