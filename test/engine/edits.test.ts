import * as Type from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkShape } from '../../src/base/checkShape.ts';
import { recordOf } from '../../src/base/recordOf.ts';
import { readSafetensors } from '../../src/base/safetensors.ts';
import { float32, sizeOf } from '../../src/base/tensor.ts';
import type { Tensor } from '../../src/base/tensor.ts';
import { TorchGenerator } from '../../src/base/torchRandom.ts';
import type { Conditioning } from '../../src/diffusion/conditioning.ts';
import type { Prediction } from '../../src/diffusion/denoiser.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { sample } from '../../src/diffusion/sample.ts';
import { ActivationFault } from '../../src/experiment/activationFault.ts';
import { EditDefinition } from '../../src/experiment/editDefinition.ts';
import { TracingModel } from '../../src/experiment/tracingModel.ts';
import type { SiteEdits } from '../../src/instrument/siteEdits.ts';
import { loadSaeFolder } from '../../src/sae/loadSaes.ts';
import { golden, scenesFolder } from '../support/scenes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const shape = Type.Object({
  modelHash: Type.String(), saes: recordOf(Type.String()), stride: Type.Integer(),
  request: Type.Object({ prompt: Type.String(), negativePrompt: Type.String(), seed: Type.Number(), steps: Type.Number() }),
  cases: Type.Array(Type.Object({ name: Type.String(), guidanceScale: Type.Number(), changed: Type.Number(), edits: Type.Array(EditDefinition) })),
});
const { tensors, metadata } = await readSafetensors(golden('edits.safetensors'));
const goldens = checkShape(shape, JSON.parse(metadata.golden), golden('edits.safetensors'), 'Run python test/reference/edits.py again.');
const { data: pixels, shape: [height, width] } = tensors.get('mask') as Tensor<Uint8Array>;
const masks = new Map([['mask', { height, width, data: Float32Array.from(pixels, (value) => value / 255) }]]);

const folder = await openPipelineFolder(scenesFolder);
const saes = (await loadSaeFolder(`${scenesFolder}/saes`)).filter(({ site }) => site in goldens.saes);
const [site, other] = ['mid_block.attentions.0', 'up_blocks.1.attentions.0'];

const models: TracingModel[] = [];
async function load(traced: typeof saes, branch: 'cond' | 'both', editable: typeof saes): Promise<TracingModel> {
  const model = await TracingModel.load(folder, traced, branch, await temporaryFolder(), {}, editable);
  models.push(model);
  return model;
}
/** Traces what it edits, as runs do; edits without any trace; traces other rows than most edits name. */
let model: TracingModel;
let untraced: TracingModel;
let both: TracingModel;
beforeAll(async () => { [model, untraced, both] = [await load(saes, 'cond', saes), await load([], 'cond', saes), await load(saes, 'both', saes)]; });
afterAll(async () => { await Promise.all(models.map((opened) => opened.close())); });

function numbers(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('no float32 tensor');
  return tensor.data;
}

function bits(values: Float32Array): Uint32Array {
  return new Uint32Array(values.slice().buffer);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

describe('edited runs', () => {
  it('are compared with goldens of the same model and SAEs', async () => {
    expect(await folder.hash(), 'the goldens were made from another model: run `python test/reference/edits.py`').toBe(goldens.modelHash);
    expect(Object.fromEntries(saes.map((sae) => [sae.site, sae.hash]))).toEqual(goldens.saes);
  });

  it.each(goldens.cases)('equal PyTorch with hooks at every step: $name', async ({ name, guidanceScale, edits, changed }) => {
    expect(changed, 'the edit does something').toBeGreaterThan(0.04);
    const expected = numbers(tensors.get(name));
    let worst = 0;
    for (const tracing of [model, untraced, both]) {
      const inputs = await tracing.editInputs({ masks, guided: guidanceScale > 1 });
      const path: Float32Array[] = [];
      for await (const { latents } of sample(tracing.pipeline, tracing.denoiser((step) => inputs.at([edits], step)), { ...goldens.request, guidanceScale, scheduler: 'ddim' })) {
        path.push(latents);
      }
      const kept = path.map((latents) => latents.filter((_, index) => index % goldens.stride === 0));
      for (const [step, latents] of kept.entries()) {
        worst = Math.max(worst, largestDifference(latents, expected.subarray(step * latents.length, (step + 1) * latents.length)));
      }
      worst = Math.max(worst, largestDifference(path[path.length - 1], numbers(tensors.get(`${name}/last`))));
    }
    expect(worst).toBeLessThan(1e-4);
  });
});

/** What one variant's rows of a batch are asked: noise and text of its own. */
function question(seed: number, rows: 1 | 2): Tensor<Float32Array> {
  const latents = float32(new TorchGenerator(seed).randn(sizeOf(model.pipeline.latentShape)), model.pipeline.latentShape);
  return rows === 1 ? latents : stack([latents, latents]);
}

function stack(tensors: readonly Tensor[]): Tensor<Float32Array> {
  const data = new Float32Array(tensors.reduce((sum, { data: { length } }) => sum + length, 0));
  let at = 0;
  for (const part of tensors) {
    data.set(numbers(part), at);
    at += part.data.length;
  }
  return float32(data, [tensors.reduce((sum, { shape: [rows] }) => sum + rows, 0), ...tensors[0].shape.slice(1)]);
}

function row({ data, shape: [rows, ...rest] }: Tensor, index: number): Float32Array {
  const length = data.length / rows;
  expect(length).toBe(sizeOf(rest));
  return numbers({ dtype: 'float32', shape: rest, data: data.subarray(index * length, (index + 1) * length) });
}

const text = (rows: 1 | 2): Promise<Conditioning> => model.pipeline.condition({ prompt: 'a red house left', negativePrompt: 'a boat', guidanceScale: rows });
const plain = async (sampled: Tensor, embeds: Conditioning): Promise<Prediction> => (await model.pipeline.denoiser()).predict(sampled, 501, embeds);

async function editsOf(variants: readonly (readonly EditDefinition[])[], guided = true): Promise<readonly SiteEdits[]> {
  return (await model.editInputs({ masks, guided })).at(variants, 0);
}

const base: EditDefinition = { site, concepts: [3, 50], operation: 'add', amount: 4, unit: 'mean', where: 'left', elsewhere: 'keep', branch: 'cond', steps: [0] };
/** Reads every activation, so that every kind of work is done, whichever concepts are active. */
const all = Array.from({ length: 128 }, (_, concept) => concept);
const found = { concepts: all, above: 0.1 };

describe('a session that can be edited', () => {
  it.each([1, 2] as const)('predicts what the plain U-Net predicts, bit for bit, where no edit is in force (%i rows)', async (rows) => {
    const [sampled, embeds] = [question(1, rows), await text(rows)];
    const expected = bits(numbers((await plain(sampled, embeds)).noise));
    for (const tracing of [model, untraced, both]) {
      expect(bits(numbers((await tracing.predict(sampled, 501, embeds)).noise))).toEqual(expected);
      await tracing.predict(sampled, 501, embeds, await editsOf([[base]], rows === 2));
      expect(bits(numbers((await tracing.predict(sampled, 501, embeds)).noise)), 'nothing stays of an edited step').toEqual(expected);
    }
  });

  it.each<[string, Partial<EditDefinition>]>([
    ['add', {}], ['add in norms', { unit: 'norm' }], ['add in shares', { unit: 'share', branch: 'contrast' }], ['scale by 1', { operation: 'scale', amount: 1, branch: 'both' }],
    ['scale by 1 where concepts are', { operation: 'scale', amount: 1, where: found, concepts: all }], ['add along others', { writes: [7, 8] }],
  ])('predicts the same, bit for bit, with amounts of nothing in force: %s', async (_, change) => {
    const [sampled, embeds] = [question(1, 2), await text(2)];
    const edits = await editsOf([[{ ...base, amount: 0, ...change }, { ...base, site: other, amount: 0, ...change }]]);
    expect(edits.length).toBe(2);
    const expected = bits(numbers((await plain(sampled, embeds)).noise));
    for (const tracing of [model, untraced, both]) {
      expect(bits(numbers((await tracing.predict(sampled, 501, embeds, edits)).noise))).toEqual(expected);
    }
  });

  it.each([['cond', 0, 1], ['uncond', 1, 0]] as const)('leaves the other row as it was, bit for bit, where %s is edited', async (branch, kept, changed) => {
    const [sampled, embeds] = [question(1, 2), await text(2)];
    const expected = (await plain(sampled, embeds)).noise;
    const edits = await editsOf([[{ ...base, branch }, { ...base, branch, site: other, operation: 'set', where: found, elsewhere: 'ablate', unit: 'norm' }]]);
    for (const tracing of [model, untraced, both]) {
      const { noise } = await tracing.predict(sampled, 501, embeds, edits);
      expect(bits(row(noise, kept))).toEqual(bits(row(expected, kept)));
      expect(largestDifference(row(noise, changed), row(expected, changed))).toBeGreaterThan(1e-3);
    }
  });

  it('tells updates before and after their edits where asked, and else neither', async () => {
    const [sampled, embeds, edits] = [question(1, 2), await text(2), await editsOf([[base]])];
    const { taps } = await model.predict(sampled, 501, embeds, edits, { updates: true });
    const [before, after] = ['delta', 'edited'].map((kind) => numbers(taps[`${kind}/${site}`]));
    const cells = 64;
    after.forEach((value, at) => {
      if (at % 8 >= 4) expect(value, 'the right half').toBe(before[at]);
    });
    expect(largestDifference(after, before)).toBeGreaterThan(0.1);
    expect(after.length % cells).toBe(0);
    expect(Object.keys((await model.predict(sampled, 501, embeds, edits)).taps).filter((name) => !name.startsWith('sae/'))).toEqual([]);
    const trace = async (edited: readonly SiteEdits[]) => numbers((await model.predict(sampled, 501, embeds, edited)).taps[`sae/${site}/values`]);
    expect(await trace(edits), 'the trace is of the update before its edit').toEqual(await trace([]));
  });
});

describe('a batch of variants', () => {
  const variants: readonly (readonly EditDefinition[])[] = [
    [base, { ...base, operation: 'scale', amount: 0, concepts: [3, 9, 12], where: { box: [0.1, 0.2, 0.7, 0.9] } }], [],
    [{ ...base, branch: 'contrast', unit: 'norm', amount: 1 }, { ...base, site: other, where: found, elsewhere: 'ablate', unit: 'share', amount: 20 }],
    [{ ...base, amount: 2, writes: [99, 7], branch: 'uncond' }, { ...base, shuffle: 4, where: found }],
  ];

  it('gives each what it gets alone, bit for bit on the CPU', async () => {
    const count = variants.length;
    const questions = variants.map((_, index) => question(10 + index, 1));
    const [uncond, cond] = [0, 1].map((index) => text(2).then(({ promptEmbeds }) => float32(row(promptEmbeds, index), [1, ...promptEmbeds.shape.slice(1)])));
    const embeds = { promptEmbeds: stack([...await Promise.all(variants.map(() => uncond)), ...await Promise.all(variants.map(() => cond))]) };
    const edits = await editsOf(variants);
    for (const tracing of [model, untraced]) {
      const { noise, taps } = await tracing.predict(stack([...questions, ...questions]), 501, embeds, edits, { updates: true });
      for (const [index, variant] of variants.entries()) {
        const alone = await tracing.predict(question(10 + index, 2), 501, await text(2), await editsOf([variant]), { updates: true });
        for (const edited of [site, other]) {
          const [ours, theirs] = [row(taps[`edited/${edited}`], index), row(alone.taps[`edited/${edited}`], 0)];
          expect(bits(ours), `variant ${index}, ${edited}`).toEqual(bits(theirs));
        }
        for (const [half, at] of [index, count + index].entries()) {
          expect(bits(row(noise, at)), `variant ${index}, row ${half}`).toEqual(bits(row(alone.noise, half)));
        }
      }
    }
  });
});

describe('edits out of all proportion', () => {
  it('end the run with the step and the site that overflows', async () => {
    const inputs = await model.editInputs({ masks, guided: true });
    const edit: EditDefinition = { ...base, amount: 1e38, unit: 'norm', steps: [2, 3] };
    const run = async (): Promise<void> => {
      for await (const { step } of sample(model.pipeline, model.denoiser((at) => inputs.at([[edit]], at)), { ...goldens.request, guidanceScale: 5, scheduler: 'ddim' })) {
        expect(step).toBeLessThan(2);
      }
    };
    const fault = await run().catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(ActivationFault);
    expect(fault).toMatchObject({ step: 2, site, remedy: `Lower the amounts of the edits at ${site}.` });
  });

  it('of the greatest amount that a spec may name do not overflow', async () => {
    const edits = await editsOf([[{ ...base, amount: 1e6, unit: 'norm', where: 'everywhere' }]]);
    expect(numbers((await model.predict(question(1, 2), 501, await text(2), edits)).noise).every(Number.isFinite)).toBe(true);
  });
});

describe('edits that do not fit', () => {
  const slot = { reads: 1, unit: 'raw', bias: new Float32Array(64) } as const;
  it.each<[string, SiteEdits, RegExp]>([
    ['the batch', { site, rows: [[slot]] }, /1 rows for a batch of 2/],
    ['any site', { site: 'mid_block.attentions.9', rows: [[], [slot]] }, /cannot be edited in this session; did you mean mid_block.attentions.0/],
    ['the SAE', { site, rows: [[], [{ ...slot, reads: 896 }]] }, /no concept 896 among 896/],
    ['the SAE, written', { site, rows: [[], [{ ...slot, writes: -1 }]] }, /no concept -1/],
    ['each other', { site, rows: [[], [slot, { ...slot, bias: new Float32Array(16) }]] }, /amounts for 64 and 16 cells/],
    ['what a number is', { site, rows: [[], [{ ...slot, bias: new Float32Array(64).fill(NaN) }]] }, /not a finite number/],
    ['the grid', { site, rows: [[], [{ ...slot, bias: new Float32Array(16) }]] }, /16 cells, the site has 64/],
  ])('%s are RangeErrors', async (_, edits, message) => {
    const fault = await model.predict(question(1, 2), 501, await text(2), [edits]).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(RangeError);
    expect((fault as Error).message).toMatch(message);
  });

  it('are two lists for one site', async () => {
    const [edits] = await editsOf([[base]]);
    const embeds = await text(2);
    await expect(model.predict(question(1, 2), 501, embeds, [edits, { ...edits }])).rejects.toThrow(RangeError);
  });
});
