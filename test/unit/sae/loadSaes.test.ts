import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeSafetensors, readSafetensors } from '../../../src/base/safetensors.ts';
import { float32 } from '../../../src/base/tensor.ts';
import { checkSaeFits, loadSaeFolder } from '../../../src/sae/loadSaes.ts';
import { siteEncoder } from '../../../src/sae/sae.ts';
import { encodeSidecar } from '../../../src/sae/sidecar.ts';
import type { SaeSidecar } from '../../../src/sae/sidecar.ts';
import { golden } from '../../support/scenes.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const n = 20;
const zeros = Array.from({ length: n }, () => 0);
const sidecar: SaeSidecar = {
  format: 1, site: 'mid_block.attentions.0', activation: 'update', branch: 'cond', tRange: [0, 1], modelHash: 'abc', k: 3, trainedCells: 0,
  statistics: { mean: zeros, density: zeros, max: zeros }, quality: {},
};

let saes: string;
let one: string;

beforeEach(async () => {
  saes = await temporaryFolder();
  one = await addSae('mid_block.attentions.0');
});

async function addSae(site: string): Promise<string> {
  const folder = join(saes, site);
  await mkdir(folder);
  for (const name of ['cfg.json', 'sae_weights.safetensors']) await cp(join(golden('saelens'), name), join(folder, name));
  await writeFile(join(folder, 'dmi-sae.json'), encodeSidecar({ ...sidecar, site }));
  return folder;
}

async function editConfig(change: Record<string, unknown>): Promise<void> {
  const config = JSON.parse(await readFile(join(one, 'cfg.json'), 'utf8')) as Record<string, unknown>;
  await writeFile(join(one, 'cfg.json'), JSON.stringify({ ...config, ...change }));
}

async function editWeights(edit: (tensors: Map<string, ReturnType<typeof float32>>) => void): Promise<void> {
  const file = join(one, 'sae_weights.safetensors');
  const tensors = new Map([...(await readSafetensors(file)).tensors].map(([name, { data, shape }]) => [name, float32((data as Float32Array).slice(), shape)]));
  edit(tensors);
  await writeFile(file, encodeSafetensors(tensors));
}

test('a folder of SAEs loads by site, weights left in their file', async () => {
  await addSae('down_blocks.0.attentions.0');
  const loaded = await loadSaeFolder(saes);
  expect(loaded.map(({ site }) => site)).toEqual(['down_blocks.0.attentions.0', 'mid_block.attentions.0']);
  const { wEnc, file, d, n: latents, k } = siteEncoder(loaded[1]);
  const bytes = await readFile(file);
  const wanted = (await readSafetensors(file)).tensors.get('W_enc')?.data as Float32Array;
  expect(Array.from({ length: d * latents }, (_, i) => bytes.readFloatLE(wEnc.offset + 4 * i))).toEqual([...wanted]);
  expect([d, latents, k]).toEqual([6, 20, 3]);
  expect(loaded[0].hash).not.toBe(loaded[1].hash); // their sites differ
});

test('a folder that is itself an SAE loads', async () => {
  expect(await loadSaeFolder(one)).toHaveLength(1);
});

describe('refused, with file, place and remedy', () => {
  const cases: [string, () => Promise<unknown>, { file: string; place?: string; message: RegExp }][] = [
    ['no SAE', () => rm(one, { recursive: true }), { file: '', message: /holds no SAE/ }],
    ['missing weights', () => rm(join(one, 'sae_weights.safetensors')), { file: 'sae_weights.safetensors', message: /no such file/ }],
    ['missing configuration', () => rm(join(one, 'cfg.json')), { file: 'cfg.json', message: /no such file/ }],
    ['missing sidecar', () => rm(join(one, 'dmi-sae.json')), { file: 'dmi-sae.json', message: /which activation of which site/ }],
    ['k beyond n', () => editConfig({ k: 21 }), { file: 'cfg.json', place: '/k', message: /k 21 is more than the 20 latents/ }],
    ['another architecture', () => editConfig({ architecture: 'temporal' }), { file: 'cfg.json', place: '/architecture', message: /temporal/ }],
    ['normalised activations', () => editConfig({ normalize_activations: 'covariance_whitening' }), { file: 'cfg.json', place: '/normalize_activations', message: /covariance_whitening/ }],
    ['no k', () => editConfig({ k: undefined }), { file: 'cfg.json', message: /k/ }],
    ['weights of another width', () => editConfig({ d_in: 7 }), { file: 'sae_weights.safetensors', place: 'W_enc', message: /\[6, 20\]/ }],
    ['a tensor missing', () => editWeights((tensors) => tensors.delete('b_enc')), { file: 'sae_weights.safetensors', place: 'b_enc', message: /missing/ }],
    ['NaN in weights', () => editWeights((tensors) => { (tensors.get('W_dec')?.data ?? [])[7] = NaN; }), { file: 'sae_weights.safetensors', place: 'W_dec', message: /element 7 is NaN/ }],
    ['truncated weights', async () => writeFile(join(one, 'sae_weights.safetensors'), (await readFile(join(one, 'sae_weights.safetensors'))).subarray(0, 900)),
      { file: 'sae_weights.safetensors', message: /.+/ }],
    ['a sidecar for another k', () => writeFile(join(one, 'dmi-sae.json'), encodeSidecar({ ...sidecar, k: 4 })), { file: 'dmi-sae.json', place: '/k', message: /cfg.json says 3/ }],
    ['a sidecar for another n', () => writeFile(join(one, 'dmi-sae.json'), encodeSidecar({ ...sidecar, statistics: { ...sidecar.statistics, mean: [1] } })),
      { file: 'dmi-sae.json', place: '/statistics/mean', message: /1 values for 20 concepts/ }],
    ['malformed JSON', () => writeFile(join(one, 'dmi-sae.json'), '{"format": 1,'), { file: 'dmi-sae.json', message: /JSON/ }],
  ];

  test.each(cases)('%s', async (_, damage, { file, place, message }) => {
    await damage();
    const loading = loadSaeFolder(saes);
    await expect(loading).rejects.toMatchObject({ name: 'InputError', message: expect.stringMatching(message) as string, remedy: expect.stringMatching(/\w+/) as string });
    await expect(loading).rejects.toMatchObject({ file: expect.stringContaining(file) as string, ...(place !== undefined && { place }) });
  });

  test('two SAEs for one site', async () => {
    const twin = await addSae('up_blocks.0.attentions.0');
    await writeFile(join(twin, 'dmi-sae.json'), encodeSidecar(sidecar));
    await expect(loadSaeFolder(saes)).rejects.toThrow('a second SAE for the site mid_block.attentions.0');
  });

  test.each([
    ['wrong width', { hash: 'abc', channels: new Map([[sidecar.site, 128]]) }, 'is 6 wide; mid_block.attentions.0 of this model has 128 channels'],
    ['another model', { hash: 'def', channels: new Map([[sidecar.site, 6]]) }, 'was trained on another model'],
    ['an unknown site', { hash: 'abc', channels: new Map([['up', 6]]) }, 'the model has no site mid_block.attentions.0'],
  ])('%s', async (_, model, message) => {
    const [sae] = await loadSaeFolder(saes);
    expect(() => { checkSaeFits(sae, model); }).toThrow(message);
  });

  test('the same model in another export, with the command that helps', async () => {
    const [sae] = await loadSaeFolder(saes);
    expect(() => { checkSaeFits(sae, { hash: 'def', channels: new Map([[sidecar.site, 6]]) }); })
      .toThrow(expect.objectContaining({ remedy: 'Name the model whose hash begins with abc. Where this is the same one, exported in another way: dmi sae info FOLDER --model MODEL --write.' }) as Error);
  });
});
