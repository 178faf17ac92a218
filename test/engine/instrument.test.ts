import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import * as Type from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkShape } from '../../src/base/checkShape.ts';
import { InputError } from '../../src/base/errors.ts';
import { encodeSafetensors, readSafetensors, readSafetensorsLayout } from '../../src/base/safetensors.ts';
import { float32, sizeOf } from '../../src/base/tensor.ts';
import type { Tensor } from '../../src/base/tensor.ts';
import { TorchGenerator } from '../../src/base/torchRandom.ts';
import { command } from '../../src/commands/sites.ts';
import type { Prediction } from '../../src/diffusion/denoiser.ts';
import { loadPipeline } from '../../src/diffusion/loadPipeline.ts';
import type { LoadedPipeline } from '../../src/diffusion/loadPipeline.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { sample } from '../../src/diffusion/sample.ts';
import { openInstrumentedUnet } from '../../src/instrument/instrumentUnet.ts';
import type { Instruments } from '../../src/instrument/instrumentUnet.ts';
import type { SiteEncoder } from '../../src/instrument/siteEncoder.ts';
import { findSites } from '../../src/instrument/sites.ts';
import type { Site } from '../../src/instrument/sites.ts';
import { GraphBuilder } from '../../src/onnx/graphBuilder.ts';
import { indexModel } from '../../src/onnx/modelIndex.ts';
import { golden, scenesFolder } from '../support/scenes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { recordTerminal } from '../support/terminal.ts';

const folder = await openPipelineFolder(scenesFolder);
const unetPath = folder.components.unet.path;
const sites = findSites(await indexModel(unetPath));
const names = sites.map(({ name }) => name);
let pipeline: LoadedPipeline;
beforeAll(async () => { pipeline = await loadPipeline(folder); });
afterAll(async () => { await pipeline.close(); });

/** One question to the U-Net as it is (`plain`), or with instruments. */
async function ask(rows: number, instruments: Instruments | 'plain'): Promise<Prediction> {
  const generator = new TorchGenerator(rows);
  const shape = [rows, ...pipeline.latentShape.slice(1)];
  const text = await pipeline.condition({ prompt: 'a red house', negativePrompt: '', guidanceScale: rows });
  const noisy = float32(generator.randn(sizeOf(shape)), shape);
  if (instruments === 'plain') return (await pipeline.denoiser()).predict(noisy, 501, text);
  const unet = await openInstrumentedUnet(unetPath, instruments);
  try {
    return await unet.predict(noisy, 501, text);
  } finally {
    await unet.close();
  }
}

function numbers(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('no float32 tensor');
  return tensor.data;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

/** An SAE in a file of its own. */
async function encoder({ name, channels: d }: Site, weights: Record<'wEnc' | 'bEnc' | 'wDec' | 'bDec', Tensor>, k: number): Promise<SiteEncoder> {
  const file = join(await temporaryFolder(), `${name}.safetensors`);
  await writeFile(file, encodeSafetensors(weights));
  const layout = await readSafetensorsLayout(file);
  const at = (weight: string) => layout.get(weight) ?? { dtype: '', shape: [], offset: 0, length: 0 };
  return { site: name, file, wEnc: at('wEnc'), bEnc: at('bEnc'), wDec: at('wDec'), bDec: at('bDec'), d, n: weights.bEnc.shape[0], k, subtractBias: true };
}

async function randomEncoder(site: Site): Promise<{ encoder: SiteEncoder; weights: Record<'wEnc' | 'bEnc' | 'wDec' | 'bDec', Tensor> }> {
  const [d, n] = [site.channels, 4 * site.channels];
  const generator = new TorchGenerator(d);
  const random = (...shape: number[]) => float32(generator.randn(sizeOf(shape)).map(value => value / Math.sqrt(d)), shape);
  const weights = { wEnc: random(d, n), bEnc: random(n), wDec: random(n, d), bDec: random(d) };
  return { weights, encoder: await encoder(site, weights, 8) };
}

describe('updates', async () => {
  const { tensors, metadata } = await readSafetensors(golden('hooks.safetensors'));
  const shape = Type.Object({
    modelHash: Type.String(), sites: Type.Array(Type.String()), whole: Type.Array(Type.Number()), samples: Type.Number(),
    request: Type.Object({ prompt: Type.String(), negativePrompt: Type.String(), seed: Type.Number(), steps: Type.Number(), guidanceScale: Type.Number() }),
  });
  const hooks = checkShape(shape, JSON.parse(metadata.golden), golden('hooks.safetensors'), 'Run python test/reference/hooks.py again.');

  it('are compared with goldens of the same model', async () => {
    expect(await folder.hash(), 'the goldens were made from another model: run `python test/reference/hooks.py`').toBe(hooks.modelHash);
  });

  it('equal PyTorch forward hooks at every site and every step of a run', async () => {
    expect([...names].sort()).toEqual([...hooks.sites].sort());
    const unet = await openInstrumentedUnet(unetPath, { taps: names, encoders: [], branch: 'cond' });
    let steps = 0;
    for await (const { step, taps } of sample(pipeline, unet, { ...hooks.request, scheduler: 'ddim' })) {
      for (const site of names) {
        const update = numbers(taps[`delta/${site}`]);
        const stride = Math.floor(update.length / hooks.samples) - 1;
        const kept = Float32Array.from({ length: hooks.samples }, (_, i) => update[i * stride]);
        const expected = numbers(tensors.get(site)).subarray(step * hooks.samples, (step + 1) * hooks.samples);
        expect(largestDifference(kept, expected), `${site}, step ${step}`).toBeLessThan(1e-4);
        if (hooks.whole.includes(step)) {
          expect(largestDifference(update, numbers(tensors.get(`${site}/${step}`))), `${site}, step ${step}, whole`).toBeLessThan(1e-4);
        }
      }
      steps++;
    }
    await unet.close();
    expect(steps).toBe(hooks.request.steps);
  });
});

describe('instruments', () => {
  it.each([[1, 'cond'], [2, 'cond'], [2, 'uncond'], [2, 'both']] as const)('leave the prediction of %i rows bit-identical, looking at %s', async (rows, branch) => {
    const encoders = await Promise.all(sites.map(async site => (await randomEncoder(site)).encoder));
    const [plain, bare, traced] = [
      await ask(rows, 'plain'), await ask(rows, { taps: [], encoders: [], branch }), await ask(rows, { taps: names, encoders, branch }),
    ];
    const bits = ({ noise }: Prediction) => new Uint32Array(numbers(noise).slice().buffer);
    expect(bits(bare)).toEqual(bits(plain));
    expect(bits(traced)).toEqual(bits(plain));
    const [{ name, channels }] = sites;
    expect(traced.taps[`delta/${name}`].shape.slice(0, 2)).toEqual([branch === 'both' ? 2 : 1, channels]);
  });

  it('look at the rows that were asked for', async () => {
    const [both, cond, uncond] = await Promise.all((['both', 'cond', 'uncond'] as const).map(branch => ask(2, { taps: names, encoders: [], branch })));
    for (const site of names) {
      const all = numbers(both.taps[`delta/${site}`]);
      expect(numbers(uncond.taps[`delta/${site}`])).toEqual(all.slice(0, all.length / 2));
      expect(numbers(cond.taps[`delta/${site}`])).toEqual(all.slice(all.length / 2));
    }
  });

  it('encode as the formula says: TopK of ReLU((x − b_dec) W_enc + b_enc)', async () => {
    const saes = await Promise.all(sites.map(randomEncoder));
    const { taps } = await ask(2, { taps: names, encoders: saes.map(({ encoder: spliced }) => spliced), branch: 'both' });
    for (const { encoder: { site, d, n, k }, weights } of saes) {
      const update = numbers(taps[`delta/${site}`]);
      const values = taps[`sae/${site}/values`];
      const indices = taps[`sae/${site}/indices`].data as BigInt64Array;
      const cells = update.length / 2 / d;
      expect(values.shape).toEqual([2, cells, k]);
      const [wEnc, bEnc, bDec] = [weights.wEnc, weights.bEnc, weights.bDec].map(numbers);
      for (const cell of [0, cells - 1, cells, 2 * cells - 1]) { // of both rows
        const x = Array.from({ length: d }, (_, c) => update[(Math.floor(cell / cells) * d + c) * cells + cell % cells]);
        const z = Array.from({ length: n }, (_, latent) => Math.max(0, x.reduce((sum, value, c) => sum + (value - bDec[c]) * wEnc[c * n + latent], bEnc[latent])));
        const order = z.map((_, latent) => latent).sort((a, b) => z[b] - z[a]).slice(0, k);
        const ours = numbers(values).subarray(cell * k, (cell + 1) * k);
        expect(largestDifference(ours, order.map(latent => z[latent])), `${site}, cell ${cell}`).toBeLessThan(1e-5);
        ours.forEach((value, i) => { expect(Math.abs(z[Number(indices[cell * k + i])] - value), 'the index names the value').toBeLessThan(1e-5); });
      }
    }
  });
});

describe('replacements', () => {
  it('by zero change the rows of their branch and no others', async () => {
    const half = sizeOf(pipeline.latentShape);
    const plain = numbers((await ask(2, 'plain')).noise);
    const cond = numbers((await ask(2, { taps: [], encoders: [], branch: 'cond', replacements: [{ site: names[0], by: 'zero' }] })).noise);
    expect(cond.subarray(0, half)).toEqual(plain.subarray(0, half));
    expect(largestDifference(cond.subarray(half), plain.subarray(half))).toBeGreaterThan(1e-3);
  });

  it('by an SAE that loses nothing change nothing but rounding', async () => {
    const [site] = sites;
    const d = site.channels;
    // Latent c is x_c where that is positive, latent d + c is −x_c where it is negative.
    const signed = (row: number, column: number): number => row === column ? 1 : row + d === column ? -1 : 0;
    const lossless = await encoder(site, {
      wEnc: float32(Float32Array.from({ length: 2 * d * d }, (_, i) => signed(Math.floor(i / (2 * d)), i % (2 * d))), [d, 2 * d]),
      wDec: float32(Float32Array.from({ length: 2 * d * d }, (_, i) => signed(i % d, Math.floor(i / d))), [2 * d, d]),
      bEnc: float32(new Float32Array(2 * d), [2 * d]), bDec: float32(new TorchGenerator(1).randn(d), [d]),
    }, d);
    const plain = numbers((await ask(2, 'plain')).noise);
    for (const branch of ['cond', 'uncond', 'both'] as const) {
      const replaced = await ask(2, { taps: [], encoders: [], branch, replacements: [{ site: site.name, by: lossless }] });
      expect(largestDifference(numbers(replaced.noise), plain), branch).toBeLessThan(1e-4);
    }
  });
});

describe('what cannot be instrumented', () => {
  it('is a site that does not exist, with the one that was meant', async () => {
    const wrong = openInstrumentedUnet(unetPath, { taps: ['mid_block.attention.0'], encoders: [], branch: 'cond' });
    await expect(wrong).rejects.toThrow(expect.objectContaining({ file: unetPath, remedy: 'Did you mean mid_block.attentions.0?' }) as Error);
  });

  it('is an SAE of another width', async () => {
    const { encoder: sae } = await randomEncoder({ ...sites[0], channels: sites[0].channels + 1 });
    await expect(openInstrumentedUnet(unetPath, { taps: [], encoders: [sae], branch: 'cond' })).rejects.toThrow(InputError);
  });
});

it('an update that was cast since its last layer has the type of the cast, as exports under autocast leave it', async () => {
  const graph = new GraphBuilder();
  graph.input('sample', 'float32', ['n', 4, 8, 8]);
  graph.input('timestep', 'float32', []);
  graph.input('encoder_hidden_states', 'float32', ['n', 2, 3]);
  const path = '/mid_block/attentions.0';
  const weight = graph.constant({ dtype: 'float16', shape: [4, 4, 1, 1], data: new Uint16Array(16).fill(0x3c00) });
  const bias = graph.constant({ dtype: 'float16', shape: [4], data: new Uint16Array(4) }, 'mid_block.attentions.0.proj_out.bias');
  graph.node('Conv', [graph.node('Cast', ['sample'], { to: 10 }), weight, bias], {}, `${path}/proj_out/Conv_output_0`);
  graph.node('Cast', [`${path}/proj_out/Conv_output_0`], { to: 1 }, `${path}/Cast_output_0`);
  graph.node('Add', [`${path}/Cast_output_0`, 'sample'], {}, `${path}/Add_output_0`);
  graph.output(`${path}/Add_output_0`, 'float32', ['n', 4, 8, 8]);
  const file = join(await temporaryFolder(), 'model.onnx');
  await writeFile(file, graph.build());
  expect(findSites(await indexModel(file))).toMatchObject([{ name: 'mid_block.attentions.0', dtype: 'float32', channels: 4 }]);
  const noisy = float32(Float32Array.from({ length: 256 }, (_, at) => at / 256), [1, 4, 8, 8]);
  const unet = await openInstrumentedUnet(file, { taps: ['mid_block.attentions.0'], encoders: [], branch: 'both', replacements: [{ site: 'mid_block.attentions.0', by: 'zero' }] });
  const { noise, taps } = await unet.predict(noisy, 1, { promptEmbeds: float32(new Float32Array(6), [1, 2, 3]) });
  await unet.close();
  expect(numbers(noise)).toEqual(noisy.data);
  expect(numbers(taps['delta/mid_block.attentions.0'])[0]).toBeCloseTo((0 + 64 + 128 + 192) / 256, 2);
});

describe('what cannot be instrumented, before anything is loaded,', () => {
  const open = async (model: Uint8Array) => {
    const path = join(await temporaryFolder(), 'model.onnx');
    await writeFile(path, model);
    return openInstrumentedUnet(path, { taps: [], encoders: [], branch: 'cond' });
  };

  /** A model of one node. */
  const modelOf = (opType: string, domain: string, inputs: readonly string[] = []): Uint8Array => {
    const node = new BinaryWriter();
    for (const input of inputs) node.tag(1, WireType.LengthDelimited).string(input);
    node.tag(4, WireType.LengthDelimited).string(opType).tag(7, WireType.LengthDelimited).string(domain);
    const opset = new BinaryWriter().tag(2, WireType.Varint).int64(17).finish();
    const graph = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(node.finish()).finish();
    return new BinaryWriter().tag(8, WireType.LengthDelimited).bytes(opset).tag(7, WireType.LengthDelimited).bytes(graph).finish();
  };

  it.each(['NhwcConv', 'GroupNorm', 'SkipGroupNorm', 'BiasSplitGelu', 'BiasAdd', 'PackedMultiHeadAttention'])('is a model that was optimised for another device: %s', async (operator) => {
    await expect(open(modelOf(operator, 'com.microsoft'))).rejects.toThrow(`${operator} runs on other devices only`);
  });

  it('is one whose attention is packed as only other devices read it', async () => {
    for (const inputs of [['qkv'], ['q', 'kv'], ['q', 'kv', ''], ['qkv', '', '', 'bias']]) {
      await expect(open(modelOf('MultiHeadAttention', 'com.microsoft', inputs)), inputs.join()).rejects.toThrow(/packed together/);
    }
    await expect(open(modelOf('MultiHeadAttention', 'com.microsoft', ['q', 'k', 'v']))).rejects.toThrow(/no input \[batch, channels, height, width\]/);
  });

  it('is one that ONNX Runtime saved for the processor at hand, with sums inside its convolutions', async () => {
    await expect(open(modelOf('Conv', 'com.microsoft.nchwc'))).rejects.toThrow(/blocks can no longer be told apart/);
  });

  it('is a model of an old operator set, and one that is no U-Net', async () => {
    await expect(open(new GraphBuilder({ opset: 10 }).build())).rejects.toThrow(/operator set 10/);
    await expect(open(new GraphBuilder().build())).rejects.toThrow(/no input \[batch, channels, height, width\]/);
  });

  it('is an SAE whose file is gone', async () => {
    const { encoder: sae } = await randomEncoder(sites[0]);
    await rm(sae.file);
    await expect(openInstrumentedUnet(unetPath, { taps: [], encoders: [sae], branch: 'cond' })).rejects.toThrow(
      expect.objectContaining({ message: 'no such file', file: sae.file }) as Error);
  });
});

describe('dmi sites', () => {
  it('lists every transformer block with its shape and how it was found', async () => {
    const terminal = recordTerminal();
    expect(await command.run([scenesFolder], terminal)).toBe(0);
    const { block_out_channels: widths } = JSON.parse(await readFile(join(scenesFolder, 'unet', 'config.json'), 'utf8')) as { block_out_channels: number[] };
    expect(terminal.stdout).toMatch(new RegExp(String.raw`^mid_block\.attentions\.0 +${widths[widths.length - 1]} x 8 x 8 +name, weight$`, 'm'));
    expect(terminal.stdout.trim().split('\n').length).toBe(1 + sites.length);
  });
});
