import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { command as saeConvert } from '../../../src/commands/saeConvert.ts';
import { InputError } from '../../../src/base/errors.ts';
import { encodeSafetensors, readSafetensors } from '../../../src/base/safetensors.ts';
import { float32 } from '../../../src/base/tensor.ts';
import { describeCheckpoint, loadSaeFolder, saeFolders } from '../../../src/sae/loadSaes.ts';
import { checkWeights } from '../../../src/sae/readWeights.ts';
import { SaeCoder } from '../../../src/sae/saeCoder.ts';
import { encodeSidecar } from '../../../src/sae/sidecar.ts';
import { siteInName } from '../../../src/sae/siteInName.ts';
import { golden } from '../../support/scenes.ts';
import { recordTerminal } from '../../support/terminal.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const all = golden('checkpoints');
let folder: string;
beforeEach(async () => { folder = await temporaryFolder(); });

/** A fixture to damage. */
async function copyOf(name: string): Promise<string> {
  const copy = join(folder, name);
  await mkdir(dirname(copy), { recursive: true });
  await cp(join(all, name), copy, { recursive: true });
  return copy;
}

async function editJson(file: string, change: (value: Record<string, unknown>) => Record<string, unknown>): Promise<void> {
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>)));
}

const [saelens, sparsify, dictionary, unbox] = ['saelens-topk', 'sparsify/mid_block.attentions.0', 'dictionary-topk/trainer_0', 'sdxl-unbox/unet.mid_block.attentions.0_k6_hidden64_auxk8_bs64_lr0.0001/final'];
const config = (change: Record<string, unknown>, file = 'cfg.json') => (path: string) => editJson(join(path, file), (value) => ({ ...value, ...change }));
const trainer = (change: Record<string, unknown>) => (path: string) => editJson(join(path, 'config.json'), ({ trainer: given, ...rest }) => ({ ...rest, trainer: { ...given as object, ...change } }));
const without = (file: string) => (path: string) => rm(join(path, file));

async function editTensors(file: string, edit: (tensors: Map<string, ReturnType<typeof float32>>) => void): Promise<void> {
  const tensors = new Map([...(await readSafetensors(file)).tensors].map(([name, { data, shape }]) => [name, float32((data as Float32Array).slice(), shape)]));
  edit(tensors);
  await writeFile(file, encodeSafetensors(tensors));
}

describe('refused, with file, place and remedy', () => {
  it.each<[string, string, (path: string) => Promise<unknown>, { file: string; place?: string; message: RegExp }]>([
    ['SAELens: a normalisation whose factor nobody knows', 'saelens-expected-average', without('activation_scaler.json'), { file: 'cfg.json', place: '/normalize_activations', message: /expected_average_only_in/ }],
    ['SAELens: a topk without k', saelens, config({ k: undefined }), { file: 'cfg.json', place: '/k', message: /says no k/ }],
    ['SAELens: a transcoder', saelens, config({ architecture: 'transcoder' }), { file: 'cfg.json', place: '/architecture', message: /transcoder/ }],
    ['SAELens: a jumprelu without threshold', saelens, config({ architecture: 'jumprelu' }), { file: 'sae_weights.safetensors', place: 'threshold', message: /missing/ }],
    ['SAELens: latents scaled after training', saelens, (path) => editTensors(join(path, 'sae_weights.safetensors'), (tensors) => tensors.set('scaling_factor', float32(new Float32Array(64).fill(2), [64]))), { file: 'sae_weights.safetensors', place: 'scaling_factor', message: /scaled after training/ }],
    ['SAELens before 6: another activation function', 'saelens5-topk', config({ activation_fn_str: 'tanh-relu' }), { file: 'cfg.json', place: '/activation_fn', message: /tanh-relu/ }],
    ['sparsify: a transcoder', sparsify, config({ transcode: true }), { file: 'cfg.json', place: '/transcode', message: /transcode/ }],
    ['sparsify: signed latents', sparsify, config({ signed: true }), { file: 'cfg.json', place: '/signed', message: /signed/ }],
    ['sparsify: groupmax', sparsify, config({ activation: 'groupmax' }), { file: 'cfg.json', place: '/activation', message: /groupmax/ }],
    ['sparsify: another expansion than the weights have', sparsify, config({ expansion_factor: 8 }), { file: 'sae.safetensors', place: 'encoder.weight', message: /\[64, 16\], cfg.json says \[128, 16\]/ }],
    ['sparsify: lost configuration', sparsify, without('cfg.json'), { file: 'cfg.json', message: /no such file/ }],
    ['DiffLens: larger kernels', 'difflens', (path) => editTensors(join(path, 'sae.safetensors'), (tensors) => tensors.set('encoder.weight', float32(new Float32Array(64 * 16 * 9), [64, 16, 3, 3]))), { file: 'sae.safetensors', place: 'encoder.weight', message: /3x3 cells/ }],
    ['dictionary_learning: lost configuration', dictionary, without('config.json'), { file: 'config.json', message: /no such file/ }],
    ['dictionary_learning: a class that is not known', dictionary, trainer({ dict_class: 'CrossCoder' }), { file: 'config.json', place: '/trainer/dict_class', message: /CrossCoder/ }],
    ['dictionary_learning: a name of Object.prototype as class', dictionary, trainer({ dict_class: 'toString' }), { file: 'config.json', place: '/trainer/dict_class', message: /toString/ }],
    ['dictionary_learning: two values of k', dictionary, trainer({ k: 7 }), { file: 'ae.pt', place: 'k', message: /k is 6, config.json says 7/ }],
    ['dictionary_learning: tensors of another class', dictionary, trainer({ dict_class: 'GatedAutoEncoder' }), { file: 'ae.pt', place: 'decoder_bias', message: /missing/ }],
    ['sdxl-unbox: another size', unbox, config({ n_dirs_local: 32 }, 'config.json'), { file: 'state_dict.pth', place: 'decoder.weight', message: /config.json says \[16, 32\]/ }],
    ['sdxl-unbox: weights that are none', unbox, (path) => writeFile(join(path, 'state_dict.pth'), 'hello'), { file: 'state_dict.pth', message: /not a file of torch.save/ }],
    ['OpenAI: no tensors at all', 'openai-topk', async (path) => cp(join(all, unbox, 'mean.pt'), join(path, 'autoencoder.pt')), { file: 'autoencoder.pt', message: /no dictionary of tensors/ }],
    ['NaN in weights', unbox, async (path) => {
      const file = join(path, 'state_dict.pth');
      const bytes = await readFile(file);
      bytes.writeFloatLE(NaN, (await describeCheckpoint(path)).encoder.wEnc.offset + 8);
      await writeFile(file, bytes);
      await (await describeCheckpoint(path)).weights();
    }, { file: 'state_dict.pth', place: 'encoder.weight', message: /element 2 is NaN/ }],
  ])('%s', async (_, name, damage, { file, place, message }) => {
    const path = await copyOf(name);
    const reading = damage(path).then(() => describeCheckpoint(path));
    await expect(reading).rejects.toMatchObject({ name: 'InputError', message: expect.stringMatching(message) as string, remedy: expect.stringMatching(/\w+/) as string });
    await expect(reading).rejects.toMatchObject({ file: expect.stringContaining(file) as string, ...(place !== undefined && { place }) });
  });

  it('a checkpoint that nobody knows the training of: the error says which command finds it out', async () => {
    const path = await copyOf(sparsify);
    await expect(loadSaeFolder(path)).rejects.toMatchObject({ name: 'InputError', file: join(path, 'dmi-sae.json'), remedy: expect.stringContaining('dmi sae info FOLDER --model MODEL --write') as string });
  });
});

it('a file where a folder is wanted, and PyTorch files side by side, are told as that', async () => {
  const path = await copyOf('openai-topk');
  await expect(describeCheckpoint(join(path, 'autoencoder.pt'))).rejects.toMatchObject({ name: 'InputError', message: 'is a file, not a folder' });
  await cp(join(path, 'autoencoder.pt'), join(path, 'second.pt'));
  await expect(describeCheckpoint(path)).rejects.toMatchObject({ name: 'InputError', message: 'holds 2 .pt files side by side' });
});

describe('sidecars', () => {
  const statistics = { mean: Array<number>(64).fill(1), density: Array<number>(64).fill(0.1), max: Array<number>(64).fill(2) };
  const sidecar = { format: 1 as const, site: 'mid_block.attentions.0', activation: 'output' as const, branch: 'both' as const, tRange: [0, 1] as [number, number], modelHash: 'a', k: 20, trainedCells: 0, statistics, quality: {} };

  it('say how many latents a trace holds where the SAE itself does not', async () => {
    const path = await copyOf('saelens-standard');
    await writeFile(join(path, 'dmi-sae.json'), encodeSidecar(sidecar));
    const [sae] = await loadSaeFolder(path);
    expect(sae).toMatchObject({ k: 20, site: 'mid_block.attentions.0', nonlinearity: 'relu', sidecar: { activation: 'output' } });
    await writeFile(join(path, 'dmi-sae.json'), encodeSidecar({ ...sidecar, k: 65 }));
    await expect(loadSaeFolder(path)).rejects.toMatchObject({ place: '/k', message: 'k 65 is more than the 64 latents' });
  });

  it('must agree with a TopK SAE', async () => {
    const path = await copyOf(unbox);
    await writeFile(join(path, 'dmi-sae.json'), encodeSidecar(sidecar));
    await expect(loadSaeFolder(path)).rejects.toMatchObject({ place: '/k', message: 'k 20, but config.json says 6' });
  });
});

it('folders of SAEs are found with their seeds, stages and trainers', async () => {
  expect(await saeFolders(join(all, 'sparsify-seeds'))).toHaveLength(2);
  expect((await saeFolders(join(all, 'sdxl-unbox'))).map((found) => relative(all, found))).toEqual([unbox]);
  expect(siteInName(unbox)).toBe('mid_block.attentions.0');
  expect(siteInName('checkpoints/trainer_0')).toBeUndefined();
});

describe('converted to SAELens', () => {
  it('every checkpoint computes the same', async () => {
    const terminal = recordTerminal();
    const names = (await readdir(all)).filter((name) => name !== 'sparsify-skip');
    for (const name of names) expect(await saeConvert.run([join(all, name), join(folder, name)], terminal)).toBe(0);
    for (const source of await saeFolders(all)) {
      const name = relative(all, source);
      if (name.startsWith('sparsify-skip')) continue;
      const x = (await readSafetensors(join(source, 'expected.safetensors'))).tensors.get('x')?.data as Float32Array;
      const [before, after] = await Promise.all([source, join(folder, name)].map(async (path) => {
        const checkpoint = await describeCheckpoint(path);
        expect(path === source || checkpoint.format === 'SAELens', `${path}: ${checkpoint.format}`).toBe(true);
        const coder = await SaeCoder.open(await checkpoint.weights(), checkpoint);
        return coder.encode(x, checkpoint.nonlinearity === 'topk' ? checkpoint.k : checkpoint.n).finally(() => coder.close());
      }));
      for (const part of ['values', 'reconstruction'] as const) {
        const worst = before[part].reduce((most, value, at) => Math.max(most, Math.abs(value - after[part][at])), 0);
        expect(worst, `${name} ${part}`).toBeLessThan(1e-5);
      }
    }
    expect(terminal.stdout).toContain('dmi sae info');
  });

  it('one that SAELens cannot say, or onto itself, is refused', async () => {
    await expect(saeConvert.run([join(all, 'sparsify-skip'), folder], recordTerminal())).rejects.toMatchObject({ place: 'W_skip' });
    const path = await copyOf(saelens);
    await expect(saeConvert.run([path, path], recordTerminal())).rejects.toThrow('is the folder of the SAE itself');
    const out = join(folder, 'out');
    expect(await saeConvert.run([path, out], recordTerminal())).toBe(0);
    const written = await readFile(join(out, 'cfg.json'), 'utf8');
    await expect(saeConvert.run([join(all, 'saelens-standard'), out], recordTerminal())).rejects.toMatchObject({ name: 'InputError', message: 'holds an SAE already', file: out });
    expect(await readFile(join(out, 'cfg.json'), 'utf8')).toBe(written);
    await expect(saeConvert.run([path, join(path, 'cfg.json')], recordTerminal())).rejects.toMatchObject({ name: 'InputError', message: 'cannot become a folder: a file stands in the way' });
    await expect(saeConvert.run([path, join(path, 'cfg.json', 'deeper')], recordTerminal())).rejects.toMatchObject({ name: 'InputError', message: 'cannot become a folder: a file stands in the way' });
  });
});

describe('whatever the bytes', () => {
  const fixtures = [saelens, 'saelens5-topk', sparsify, 'saeuron-unit-norm/unet.up_blocks.1.attentions.1', 'difflens', dictionary, 'dictionary-backup/trainer_0', unbox, 'openai-topk'];

  it.each(fixtures)('a damaged %s is read or refused', async (name) => {
    const path = await copyOf(name);
    const files = (await readdir(path)).filter((file) => file !== 'expected.safetensors');
    const whole = new Map(await Promise.all(files.map(async (file) => [file, await readFile(join(path, file))] as const)));
    await fc.assert(fc.asyncProperty(fc.constantFrom(...files), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }), fc.boolean(), async (file, edits, atStart) => {
      const bytes = Buffer.from(whole.get(file) ?? []);
      for (const [at, value] of edits) bytes[at % (atStart ? Math.min(600, bytes.length) : bytes.length)] = value;
      await writeFile(join(path, file), bytes);
      try {
        await (await describeCheckpoint(path)).weights();
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      } finally {
        await writeFile(join(path, file), whole.get(file) ?? '');
      }
    }), { seed: 1, numRuns: 120 });
  }, 60_000);

  it.each([['cfg.json', saelens], ['cfg.json', sparsify], ['config.json', dictionary], ['config.json', unbox]])('a %s of any JSON beside the weights of %s is read or refused', async (file, name) => {
    const path = await copyOf(name);
    const keys = fc.constantFrom('architecture', 'd_in', 'd_sae', 'k', 'normalize_activations', 'activation_fn_kwargs', 'activation_fn', 'metadata', 'num_latents', 'expansion_factor', 'trainer', 'dict_class', 'n_dirs_local', 'd_model');
    const value = fc.oneof(fc.constantFrom<unknown>('topk', 'relu', 'none', 16, 64, 6, null, true, {}, []), fc.jsonValue());
    await fc.assert(fc.asyncProperty(fc.dictionary(keys, value), async (json) => {
      await writeFile(join(path, file), JSON.stringify(json));
      await describeCheckpoint(path).catch((error: unknown) => { if (!(error instanceof InputError)) throw error; });
    }), { seed: 1, numRuns: 150 });
  }, 60_000);
});

it('weights are looked at where they lie, and numbers between the places of scattered ones are not theirs', async () => {
  for (const name of [saelens, 'saelens-topk-bfloat16', 'sparsify-float16/mid_block.attentions.0', unbox, 'dictionary-gated/trainer_0']) await (await describeCheckpoint(join(all, name))).check();
  const path = await copyOf(saelens);
  await editTensors(join(path, 'sae_weights.safetensors'), (tensors) => tensors.get('b_enc')?.data.fill(Infinity, 5, 6));
  await expect((await describeCheckpoint(path)).check()).rejects.toMatchObject({ name: 'InputError', place: 'b_enc', message: 'element 5 is Infinity' });
  const { encoder: { file, bEnc } } = await describeCheckpoint(join(all, saelens));
  const gaps = { ...(await describeCheckpoint(path)).encoder, bEnc: { ...bEnc, strides: [6], shape: [2], offset: bEnc?.offset ?? 0, length: 4 * 7, dtype: 'F32' } };
  expect(file).toContain(saelens);
  await expect(checkWeights(gaps)).resolves.toBeUndefined(); // of elements 0 and 6
});
