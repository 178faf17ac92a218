import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { english } from '../../../src/base/phrase.ts';
import { readSafetensors } from '../../../src/base/safetensors.ts';
import { describeCheckpoint, saeFolders } from '../../../src/sae/loadSaes.ts';
import { SaeCoder } from '../../../src/sae/saeCoder.ts';
import { golden } from '../../support/scenes.ts';

const all = golden('checkpoints');

/** The greatest difference from what the original computed: of the latents, and of the reconstruction. */
async function errors(folder: string): Promise<{ latents: number; reconstruction: number; active: number }> {
  const { tensors } = await readSafetensors(join(folder, 'expected.safetensors'));
  const expected = (name: string) => tensors.get(name)?.data as Float32Array;
  const checkpoint = await describeCheckpoint(folder);
  const { n, k, nonlinearity } = checkpoint;
  const coder = await SaeCoder.open(await checkpoint.weights(), checkpoint);
  try {
    const told = nonlinearity === 'topk' ? k : n;
    const { indices, values, reconstruction } = await coder.encode(expected('x'), told);
    const z = new Float32Array(expected('z').length);
    for (const [at, value] of values.entries()) z[Math.floor(at / told) * n + Number(indices[at])] = value;
    const worst = (actual: Float32Array, wanted: Float32Array) => {
      expect(actual).toHaveLength(wanted.length);
      return actual.reduce((most, value, at) => Math.max(most, Math.abs(value - wanted[at])), 0);
    };
    return { latents: worst(z, expected('z')), reconstruction: worst(reconstruction, expected('reconstruction')), active: z.filter((value) => value > 0).length / (z.length / n) };
  } finally {
    await coder.close();
  }
}

/** Row of the table of what is supported -> fixtures, and what `dmi sae info` says of each. */
const rows: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  'SAELens 6: topk (also measured by the decoder\'s norm), with layer_norm, constant_norm_rescale or a known scaling factor': {
    'saelens-topk': /^$/, 'saelens-topk-by-decoder-norm': /^$/, 'saelens-topk-layer-norm': /^$/, 'saelens-topk-constant-norm': /^$/, 'saelens-topk-bias-kept': /^$/,
    'saelens-topk-bfloat16': /^$/, 'saelens-expected-average': /^$/,
  },
  'SAELens 6: standard': { 'saelens-standard': /^$/ },
  'SAELens 6: jumprelu, also BatchTopK saved as such': { 'saelens-jumprelu': /^$/, 'saelens-jumprelu-bfloat16': /^$/, 'saelens-batchtopk': /BatchTopK/ },
  'SAELens 6: gated': { 'saelens-gated': /^$/ },
  'SAELens before version 6': { 'saelens5-topk': /read as topk/, 'saelens5-standard': /read as standard/ },
  'EleutherAI sparsify': { 'sparsify/mid_block.attentions.0': /^$/, 'sparsify-seeds/mid_block.attentions.0/seed1': /^$/, 'sparsify-skip/mid_block.attentions.0': /W_skip/, 'sparsify-float16/mid_block.attentions.0': /^$/ },
  'SAeUron, SAEmnesia': { 'saeuron/unet.up_blocks.1.attentions.1': /output of a block.*TopK of each cell/, 'saeuron-unit-norm/unet.up_blocks.1.attentions.1': /standardised/ },
  'dictionary_learning: TopK': { 'dictionary-topk/trainer_0': /column by column/ },
  'dictionary_learning: BatchTopK, Matryoshka, also backups made during training': {
    'dictionary-batchtopk/trainer_0': /above the threshold/, 'dictionary-batchtopk-float16/trainer_0': /above the threshold/, 'dictionary-matryoshka/trainer_0': /above the threshold/, 'dictionary-backup/trainer_0': /norm_factor 2.5/,
  },
  'dictionary_learning: standard, JumpReLU, gated': {
    'dictionary-standard/trainer_0': /.*/, 'dictionary-new/trainer_0': /.*/, 'dictionary-jumprelu/trainer_0': /^$/, 'dictionary-gated/trainer_0': /.*/,
  },
  'sdxl-unbox, RIEBench': {
    'sdxl-unbox/unet.mid_block.attentions.0_k6_hidden64_auxk8_bs64_lr0.0001/final': /column by column/,
    'sdxl-unbox-no-latent-bias/unet.mid_block.attentions.0_k6_hidden64_auxk8_bs64_lr0.0001/final': /column by column/,
  },
  'OpenAI sparse_autoencoder': { 'openai-topk': /standardised/, 'openai-relu': /^$/ },
  'DiffLens': { difflens: /1x1/ },
};

describe('supported: SAE checkpoints', () => {
  it.each(Object.entries(rows))('%s', async (_, fixtures) => {
    for (const [name, notes] of Object.entries(fixtures)) {
      const folder = join(all, name);
      const { latents, reconstruction, active } = await errors(folder);
      if (process.env.DMI_SHOW !== undefined) console.log(name, latents, reconstruction, active);
      expect(latents, name).toBeLessThan(1e-5);
      expect(reconstruction, name).toBeLessThan(1e-5);
      expect(active, `${name}: latents active per cell`).toBeGreaterThan(2);
      expect((await describeCheckpoint(folder)).notes.map(english).join(' '), name).toMatch(notes);
    }
  });
});

it('every fixture is in the table', async () => {
  const listed = Object.values(rows).flatMap((fixtures) => Object.keys(fixtures));
  const found = (await saeFolders(all)).map((folder) => relative(all, folder));
  expect(found.filter((name) => !listed.includes(name))).toEqual(['sparsify-seeds/mid_block.attentions.0/seed0']);
  expect(await readdir(all)).toHaveLength(new Set(listed.map((name) => name.split('/')[0])).size);
});
