import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.ts';
import { encodeSafetensors, readSafetensorsLayout } from '../../src/base/safetensors.ts';
import { float32, sizeOf } from '../../src/base/tensor.ts';
import type { Tensor } from '../../src/base/tensor.ts';
import { TorchGenerator } from '../../src/base/torchRandom.ts';
import type { Conditioning } from '../../src/diffusion/conditioning.ts';
import { openInstrumentedUnet } from '../../src/instrument/instrumentUnet.ts';
import type { InstrumentedUnet, Instruments } from '../../src/instrument/instrumentUnet.ts';
import type { EditSlot, SiteEditor, SiteEdits } from '../../src/instrument/siteEdits.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { tinySite as site, writeTinyUnet } from '../support/tinyUnet.ts';

const [d, n, k, height, width] = [4, 12, 3, 2, 4];
const cells = height * width;
const generator = new TorchGenerator(8);
const random = (...shape: number[]) => float32(generator.randn(sizeOf(shape)), shape);
/** Directions of many lengths: nothing here normalises them. */
const weights = { wEnc: random(d, n), bEnc: random(n), wDec: random(n, d), bDec: random(d) };
weights.wDec.data.forEach((value, at) => { weights.wDec.data[at] = value * (1 + Math.floor(at / d)); });

async function editor(): Promise<SiteEditor> {
  const file = join(await temporaryFolder(), 'sae.safetensors');
  await writeFile(file, encodeSafetensors(weights));
  const layout = await readSafetensorsLayout(file);
  const at = (weight: string) => layout.get(weight) ?? { dtype: '', shape: [], offset: 0, length: 0 };
  return { site, file, wEnc: at('wEnc'), bEnc: at('bEnc'), wDec: at('wDec'), bDec: at('bDec'), d, n, k, subtractBias: true };
}

const sample = (rows: number): Tensor<Float32Array> => float32(new TorchGenerator(5).randn(rows * d * cells), [rows, d, height, width]);
const text = (rows: number): Conditioning => ({ promptEmbeds: float32(new Float32Array(rows * 8), [rows, 1, 8]) });
const open: InstrumentedUnet[] = [];
afterAll(async () => { await Promise.all(open.map((unet) => unet.close())); });
async function instrument(path: string, instruments: Partial<Instruments>): Promise<InstrumentedUnet> {
  const unet = await openInstrumentedUnet(path, { taps: [], encoders: [], branch: 'both', ...instruments });
  open.push(unet);
  return unet;
}

/** z of one cell: the k greatest. */
function encode(x: readonly number[]): number[] {
  const scores = Array.from({ length: n }, (_, c) => Math.max(0, x.reduce((sum, value, i) => sum + (value - weights.bDec.data[i]) * weights.wEnc.data[i * n + c], weights.bEnc.data[c])));
  const kept = new Set(scores.map((_, c) => c).sort((a, b) => scores[b] - scores[a]).slice(0, k));
  return scores.map((score, c) => (kept.has(c) ? score : 0));
}

/** What `EditSlot` says, cell by cell. @param delta of one row [d, cells] */
function edited(delta: Float32Array, slots: readonly EditSlot[]): number[] {
  const z = Array.from({ length: cells }, (_, p) => encode(Array.from({ length: d }, (_unused, i) => delta[i * cells + p])));
  const lengths = z.map((active) => Math.hypot(...active));
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  const result = Array.from(delta);
  for (let p = 0; p < cells; p++) {
    const [meant, added] = [new Float64Array(d), new Float64Array(d)];
    for (const { reads, writes = reads, gain, bias, unit, where } of slots) {
      const u = { raw: 1, norm: lengths[p], share: lengths[p] / whole }[unit];
      let coefficient = (gain?.[p] ?? 0) * z[p][reads] + (bias?.[p] ?? 0) * u;
      if (where !== undefined) {
        const map = z.map((active) => where.concepts.reduce((sum, c) => sum + active[c], 0));
        const [least, most] = [Math.min(...map), Math.max(...map)];
        const from = where.order?.[p] ?? p;
        if (!(most > 0 && map[from] >= least + where.above * (most - least))) coefficient = where.gainOutside * z[p][reads];
      }
      for (let i = 0; i < d; i++) {
        meant[i] += coefficient * weights.wDec.data[reads * d + i];
        added[i] += coefficient * weights.wDec.data[writes * d + i];
      }
    }
    const rewrites = slots.some(({ reads, writes = reads }) => writes !== reads);
    const factor = rewrites ? Math.hypot(...meant) / Math.max(Math.hypot(...added), 1e-30) : 1;
    for (let i = 0; i < d; i++) result[i * cells + p] += factor * added[i];
  }
  return result;
}

const perCell = (scale: number): Float32Array => new TorchGenerator(scale * 10).randn(cells).map((value) => value * scale);
const order = Uint32Array.from({ length: cells }, (_, cell) => (3 * cell + 1) % cells);
const found = { concepts: [1, 6, 7], above: 0.25, gainOutside: -1 };
const rowsOfSlots: Record<string, readonly (readonly EditSlot[])[]> = {
  'biases alone': [[], [{ reads: 3, unit: 'raw', bias: perCell(1) }, { reads: 4, unit: 'raw', bias: perCell(2) }]],
  gains: [[{ reads: 3, unit: 'raw', gain: perCell(1) }, { reads: 1, unit: 'raw', gain: perCell(3), bias: perCell(1) }], []],
  'units, rows of different lengths': [[{ reads: 3, unit: 'norm', bias: perCell(1) }], [{ reads: 3, unit: 'share', bias: perCell(4), gain: perCell(1) }, { reads: 0, unit: 'raw', gain: perCell(2) }, { reads: 9, unit: 'norm', bias: perCell(0.5) }]],
  'found regions': [[{ reads: 6, unit: 'norm', bias: perCell(1), gain: perCell(1), where: found }], [{ reads: 2, unit: 'raw', bias: perCell(1) }, { reads: 5, unit: 'raw', bias: perCell(1), where: { concepts: [8], above: 1, gainOutside: 0, order } }]],
  'found regions with every cell, and with none': [[{ reads: 6, unit: 'raw', bias: perCell(1), where: { concepts: [1], above: 0, gainOutside: -1 } }], [{ reads: 6, unit: 'raw', bias: perCell(1), where: { concepts: [], above: 0.1, gainOutside: -1 } }]],
  'other directions': [[{ reads: 3, writes: 9, unit: 'raw', bias: perCell(1) }, { reads: 1, writes: 10, unit: 'raw', gain: perCell(2) }], [{ reads: 3, unit: 'raw', bias: perCell(1) }]],
};

/** As the exporters write models: reductions take their axes as an attribute up to operator set 17, from 18 on as an input. */
const models = [13, 14, 17, 18, 20].flatMap((opset) => (['float32', 'float16'] as const).map((dtype) => ({ opset, dtype })));

describe.each(models)('edits in a model of operator set $opset in $dtype', async ({ opset, dtype }) => {
  const path = await writeTinyUnet({ opset, dtype });
  const tolerance = dtype === 'float32' ? 1e-5 : 2 ** -9; // of the row's greatest; float16 has a unit in the last place of 2 ** -10
  const plain = await instrument(path, {});
  const sae = await editor();
  const unets = [await instrument(path, { editors: [sae] }), await instrument(path, { editors: [sae], encoders: [sae] })];

  it.each(Object.entries(rowsOfSlots))('are what they are said to be: %s', async (_, rows) => {
    for (const unet of unets) {
      const edits: SiteEdits = { site, rows };
      const { noise, taps } = await unet.predict(sample(2), 1, text(2), [edits], { updates: true });
      const [before, after] = ['delta', 'edited'].map((kind) => taps[`${kind}/${site}`].data as Float32Array);
      for (const [row, slots] of rows.entries()) {
        const part = (values: Float32Array): Float32Array => values.subarray(row * d * cells, (row + 1) * d * cells);
        const expected = edited(part(before), slots);
        const scale = Math.max(1, ...expected.map(Math.abs));
        part(after).forEach((value, at) => { expect(Math.abs(value - expected[at]) / scale).toBeLessThan(slots.length > 0 || dtype === 'float16' ? tolerance : 1e-12); });
        const [input, output] = [part(sample(2).data), part(noise.data as Float32Array)];
        output.forEach((value, at) => { expect(Math.abs(value - (expected[at] - input[at])) / scale, 'the block adds what was edited').toBeLessThan(2 * tolerance); });
      }
    }
  });

  it('are no edits where none is in force', async () => {
    const expected = (await plain.predict(sample(3), 1, text(3))).noise.data as Float32Array;
    for (const unet of unets) {
      const idle = (await unet.predict(sample(3), 1, text(3))).noise.data as Float32Array;
      expect((await unet.predict(sample(3), 1, text(3), [{ site, rows: [[], [], []] }])).noise.data).toEqual(idle);
      // On the CPU, ONNX Runtime computes float16 in float32 and rounds where it must; a branch is such a place.
      if (dtype === 'float32') expect(idle).toEqual(expected);
      else idle.forEach((value, at) => { expect(Math.abs(value - expected[at])).toBeLessThan(2 ** -9); });
    }
  });

  it('leave rows between edited ones, before and after them as they were, bit for bit', async () => {
    const slot: EditSlot = { reads: 1, unit: 'norm', bias: perCell(1), gain: perCell(1) };
    for (const unet of unets) {
      const idle = (await unet.predict(sample(5), 1, text(5))).noise.data as Float32Array;
      const noise = (await unet.predict(sample(5), 1, text(5), [{ site, rows: [[], [slot], [], [slot], []] }])).noise.data as Float32Array;
      for (const row of [0, 1, 2, 3, 4]) {
        const part = (values: Float32Array): Float32Array => values.slice(row * d * cells, (row + 1) * d * cells);
        if (row % 2 === 0) expect(part(noise)).toEqual(part(idle));
        else expect(part(noise)).not.toEqual(part(idle));
      }
    }
  });
});

describe('what cannot be edited', () => {
  it('is a model of an operator set in which the graph of edits cannot be written', async () => {
    const path = await writeTinyUnet({ opset: 12, dtype: 'float32' });
    await expect(instrument(path, {})).resolves.toBeDefined();
    await expect(instrument(path, { editors: [await editor()] })).rejects.toThrow(InputError);
  });

  it('is a site whose update is replaced', async () => {
    const path = await writeTinyUnet({ opset: 17, dtype: 'float32' });
    await expect(instrument(path, { editors: [await editor()], replacements: [{ site, by: 'zero' }] })).rejects.toThrow(RangeError);
  });
});
