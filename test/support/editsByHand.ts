import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSafetensors, readSafetensorsLayout } from '../../src/base/safetensors.ts';
import { float32, sizeOf } from '../../src/base/tensor.ts';
import type { Tensor } from '../../src/base/tensor.ts';
import { TorchGenerator } from '../../src/base/torchRandom.ts';
import type { Conditioning } from '../../src/diffusion/conditioning.ts';
import type { EditSlot, SiteEditor } from '../../src/instrument/siteEdits.ts';
import { temporaryFolder } from './temporaryFolder.ts';
import { tinySite as site } from './tinyUnet.ts';

export const d = 4;
const [n, k, height, width] = [12, 3, 2, 4];
export const cells = height * width;
const generator = new TorchGenerator(8);
const random = (...shape: number[]) => float32(generator.randn(sizeOf(shape)), shape);
/** Directions of many lengths: nothing here normalises them. */
const weights = { wEnc: random(d, n), bEnc: random(n), wDec: random(n, d), bDec: random(d) };
weights.wDec.data.forEach((value, at) => { weights.wDec.data[at] = value * (1 + Math.floor(at / d)); });

/** An SAE for the site of the tiny U-Net. */
export async function tinyEditor(): Promise<SiteEditor> {
  const file = join(await temporaryFolder(), 'sae.safetensors');
  await writeFile(file, encodeSafetensors(weights));
  const layout = await readSafetensorsLayout(file);
  const at = (weight: string) => layout.get(weight) ?? { dtype: '', shape: [], offset: 0, length: 0 };
  return { site, file, wEnc: at('wEnc'), bEnc: at('bEnc'), wDec: at('wDec'), bDec: at('bDec'), d, n, k, subtractBias: true };
}

/** What the tiny U-Net is asked. */
export const sample = (rows: number): Tensor<Float32Array> => float32(new TorchGenerator(5).randn(rows * d * cells), [rows, d, height, width]);
export const text = (rows: number): Conditioning => ({ promptEmbeds: float32(new Float32Array(rows * 8), [rows, 1, 8]) });

/** z of one cell: the k greatest. */
function encode(x: readonly number[]): number[] {
  const scores = Array.from({ length: n }, (_, c) => Math.max(0, x.reduce((sum, value, i) => sum + (value - weights.bDec.data[i]) * weights.wEnc.data[i * n + c], weights.bEnc.data[c])));
  const kept = new Set(scores.map((_, c) => c).sort((a, b) => scores[b] - scores[a]).slice(0, k));
  return scores.map((score, c) => (kept.has(c) ? score : 0));
}

/** What `EditSlot` says, cell by cell. @param delta of one row [d, cells] */
export function edited(delta: Float32Array, slots: readonly EditSlot[]): number[] {
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

export const perCell = (scale: number): Float32Array => new TorchGenerator(scale * 10).randn(cells).map((value) => value * scale);
const order = Uint32Array.from({ length: cells }, (_, cell) => (3 * cell + 1) % cells);
const found = { concepts: [1, 6, 7], above: 0.25, gainOutside: -1 };
/** Edits of two rows, of every kind that the graph knows. */
export const rowsOfSlots: Record<string, readonly (readonly EditSlot[])[]> = {
  'biases alone': [[], [{ reads: 3, unit: 'raw', bias: perCell(1) }, { reads: 4, unit: 'raw', bias: perCell(2) }]],
  gains: [[{ reads: 3, unit: 'raw', gain: perCell(1) }, { reads: 1, unit: 'raw', gain: perCell(3), bias: perCell(1) }], []],
  'units, rows of different lengths': [[{ reads: 3, unit: 'norm', bias: perCell(1) }], [{ reads: 3, unit: 'share', bias: perCell(4), gain: perCell(1) }, { reads: 0, unit: 'raw', gain: perCell(2) }, { reads: 9, unit: 'norm', bias: perCell(0.5) }]],
  'found regions': [[{ reads: 6, unit: 'norm', bias: perCell(1), gain: perCell(1), where: found }], [{ reads: 2, unit: 'raw', bias: perCell(1) }, { reads: 5, unit: 'raw', bias: perCell(1), where: { concepts: [8], above: 1, gainOutside: 0, order } }]],
  'found regions with every cell, and with none': [[{ reads: 6, unit: 'raw', bias: perCell(1), where: { concepts: [1], above: 0, gainOutside: -1 } }], [{ reads: 6, unit: 'raw', bias: perCell(1), where: { concepts: [], above: 0.1, gainOutside: -1 } }]],
  'other directions': [[{ reads: 3, writes: 9, unit: 'raw', bias: perCell(1) }, { reads: 1, writes: 10, unit: 'raw', gain: perCell(2) }], [{ reads: 3, unit: 'raw', bias: perCell(1) }]],
};
