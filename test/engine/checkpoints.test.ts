import { cp, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeSafetensors, readSafetensors } from '../../src/base/safetensors.ts';
import { float32 } from '../../src/base/tensor.ts';
import { TorchGenerator } from '../../src/base/torchRandom.ts';
import type { Conditioning } from '../../src/diffusion/conditioning.ts';
import { openInstrumentedUnet } from '../../src/instrument/instrumentUnet.ts';
import type { InstrumentedUnet, Instruments } from '../../src/instrument/instrumentUnet.ts';
import type { EditSlot, SiteEditor } from '../../src/instrument/siteEdits.ts';
import type { Activation, Treatment } from '../../src/instrument/siteEncoder.ts';
import { describeCheckpoint, saeFolders } from '../../src/sae/loadSaes.ts';
import { SaeCoder } from '../../src/sae/saeCoder.ts';
import { golden } from '../support/scenes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { tinySite as site, writeTinyUnet } from '../support/tinyUnet.ts';

const [d, height] = [16, 2];
const cells = height * d;
const rows = 2;
const sample = float32(new TorchGenerator(5).randn(rows * d * cells).map((value) => 1.5 * value), [rows, d, height, d]);
const text: Conditioning = { promptEmbeds: float32(new Float32Array(rows * 8), [rows, 1, 8]) };
const open: { close(): Promise<void> }[] = [];
afterAll(async () => { await Promise.all(open.map((resource) => resource.close())); });
const keep = <T extends { close(): Promise<void> }>(resource: T): T => {
  open.push(resource);
  return resource;
};

const instrument = async (instruments: Partial<Instruments>, opset = 17): Promise<InstrumentedUnet> =>
  keep(await openInstrumentedUnet(await writeTinyUnet({ opset, dtype: 'float32', channels: d }), { taps: [], encoders: [], branch: 'both', ...instruments }));

/** The other layout: [rows, d, cells] -> [rows · cells, d]. */
function byCell(values: Float32Array): Float32Array {
  return Float32Array.from({ length: values.length }, (_, at) => {
    const [row, cell, channel] = [Math.floor(at / (cells * d)), Math.floor(at / d) % cells, at % d];
    return values[(row * d + channel) * cells + cell];
  });
}

function worst(actual: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(actual.length).toBe(wanted.length);
  return Array.from(actual).reduce((most, value, at) => Math.max(most, Math.abs(value - wanted[at])), 0);
}

/** By how much a treatment scales what is written at a cell. */
function scaleOf(treatment: Treatment | undefined, x: Float32Array): number {
  const mean = x.reduce((sum, value) => sum + value, 0) / d;
  const length = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  switch (treatment?.kind) {
    case undefined: return 1;
    case 'scale': return 1 / treatment.factor;
    case 'fixed-norm': return length(x) / Math.sqrt(d);
    case 'standardise': return length(x.map((value) => value - mean)) / Math.sqrt(d - 1);
  }
}

const all = golden('checkpoints');
const names = (await saeFolders(all)).map((folder) => relative(all, folder));

describe.each(names)('%s in the graph', async (name) => {
  const checkpoint = await describeCheckpoint(join(all, name));
  const { n, nonlinearity, treatment, byDecoderNorm } = checkpoint;
  const k = nonlinearity === 'topk' ? checkpoint.k : 3; // a trace may hold fewer latents than are active
  const weights = await checkpoint.weights();
  const coder = keep(await SaeCoder.open(weights, checkpoint));
  const editorOn = (activation: Activation): SiteEditor => ({ ...checkpoint.encoder, site, k, activation });

  it.each(['update', 'output', 'input'] as const)('encodes as outside of it, reading the %s', async (activation) => {
    for (const opset of [17, 20]) {
      const unet = await instrument({ encoders: [editorOn(activation)], ...(activation === 'update' ? { taps: [site] } : { otherTaps: [{ site, activation }] }) }, opset);
      const { taps } = await unet.predict(sample, 1, text);
      const x = byCell(taps[`${activation === 'update' ? 'delta' : activation}/${site}`].data as Float32Array);
      const expected = await coder.encode(x, k);
      expect(worst(taps[`sae/${site}/values`].data as Float32Array, expected.values)).toBeLessThan(1e-5);
      const active = (values: ArrayLike<number>, indices: BigInt64Array) => [...indices].map((index, at) => (values[at] > 1e-5 ? Number(index) : -1));
      expect(active(expected.values, taps[`sae/${site}/indices`].data as BigInt64Array)).toEqual(active(expected.values, expected.indices));
    }
  });

  it.each(['update', 'output', 'input'] as const)('edits the %s exactly, whether or not a trace has the concept', async (activation) => {
    for (const traced of [true, false]) {
      const sae = editorOn(activation);
      const unet = await instrument({ editors: [sae], ...(traced && { encoders: [sae] }) });
      const idle = await unet.predict(sample, 1, text, [], { updates: true });
      const x = byCell(idle.taps[`delta/${site}`].data as Float32Array);
      const { indices, values } = await coder.encode(x, nonlinearity === 'topk' ? k : n);
      const told = nonlinearity === 'topk' ? k : n;
      const z = (cell: number, concept: number) => values.subarray(cell * told, (cell + 1) * told).find((_, at) => Number(indices[cell * told + at]) === concept) ?? 0;
      const length = (cell: number) => Math.hypot(...values.subarray(cell * told, (cell + 1) * told));
      const active = [...indices].map(Number).filter((_, at) => values[at] > 0);
      const [removed, pushed] = [active[active.length - 1], active[0]];
      const fill = (value: number) => new Float32Array(cells).fill(value);
      const slots: EditSlot[] = [{ reads: removed, unit: 'raw', gain: fill(-1) }, { reads: pushed, unit: 'norm', bias: fill(0.5) }];
      const { noise, taps } = await unet.predict(sample, 1, text, [{ site, rows: [slots, slots] }], { updates: true });
      const expected = Float32Array.from({ length: x.length }, (_, at) => {
        const [cell, channel] = [Math.floor(at / d), at % d];
        const direction = (concept: number) => weights.wDec.data[concept * d + channel] / (byDecoderNorm ? Math.hypot(...weights.wDec.data.subarray(concept * d, (concept + 1) * d)) : 1);
        const added = -z(cell, removed) * direction(removed) + 0.5 * length(cell) * direction(pushed);
        return x[at] + added * scaleOf(treatment, x.subarray(cell * d, (cell + 1) * d));
      });
      const edited = byCell(taps[`edited/${site}`].data as Float32Array);
      expect(worst(edited, expected)).toBeLessThan(5e-5);
      const added = edited.map((value, at) => value - x[at]);
      expect(worst(byCell(noise.data as Float32Array).map((value, at) => value - added[at]), byCell(idle.noise.data as Float32Array)), 'the prediction sees the edit').toBeLessThan(1e-5);
      const plain = await unet.predict(sample, 1, text);
      expect(plain.noise.data, 'nothing in force').toEqual((await (await instrument({})).predict(sample, 1, text)).noise.data);
    }
  });

  it('puts its reconstruction in place of the update and of the output', async () => {
    for (const activation of ['update', 'output'] as const) {
      const unet = await instrument({ replacements: [{ site, by: editorOn(activation) }], ...(activation === 'update' ? { taps: [site], otherTaps: [{ site, activation: 'input' }] } : { otherTaps: [{ site, activation }] }) });
      const { noise, taps } = await unet.predict(sample, 1, text);
      const x = byCell(taps[`${activation === 'update' ? 'delta' : activation}/${site}`].data as Float32Array);
      const { reconstruction } = await coder.encode(x, nonlinearity === 'topk' ? k : n);
      const residual = activation === 'update' ? byCell(taps[`input/${site}`].data as Float32Array) : new Float32Array(x.length);
      expect(worst(byCell(noise.data as Float32Array), reconstruction.map((value, at) => value + residual[at]))).toBeLessThan(1e-5);
    }
  });
});

it('a concept that died, its row of W_dec zero, leaves all numbers what they are where latents are measured by rows', async () => {
  const name = 'saelens-topk-by-decoder-norm';
  const folder = await temporaryFolder();
  await cp(join(all, name), folder, { recursive: true });
  const file = join(folder, 'sae_weights.safetensors');
  const { tensors } = await readSafetensors(file);
  const dead = 3;
  (tensors.get('W_dec')?.data as Float32Array).fill(0, dead * d, (dead + 1) * d);
  await writeFile(file, encodeSafetensors(tensors));
  const checkpoint = await describeCheckpoint(folder);
  const coder = keep(await SaeCoder.open(await checkpoint.weights(), checkpoint));
  const by: SiteEditor = { ...checkpoint.encoder, site, k: checkpoint.k };
  const unet = await instrument({ replacements: [{ site, by }], taps: [site], otherTaps: [{ site, activation: 'input' }] });
  const { noise, taps } = await unet.predict(sample, 1, text);
  const { reconstruction } = await coder.encode(byCell(taps[`delta/${site}`].data as Float32Array), checkpoint.k);
  expect(reconstruction.every(Number.isFinite)).toBe(true);
  const residual = byCell(taps[`input/${site}`].data as Float32Array);
  expect(worst(byCell(noise.data as Float32Array), reconstruction.map((value, at) => value + residual[at]))).toBeLessThan(1e-5);
  const slots: EditSlot[] = [{ reads: dead, unit: 'norm', bias: new Float32Array(cells).fill(1) }];
  const edited = await (await instrument({ editors: [by] })).predict(sample, 1, text, [{ site, rows: [slots, slots] }]);
  expect((edited.noise.data as Float32Array).every(Number.isFinite)).toBe(true);
});
