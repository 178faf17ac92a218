import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { loadPipeline } from '../../../src/diffusion/loadPipeline.ts';
import { openPipelineFolder } from '../../../src/diffusion/pipelineFolder.ts';

const files: Record<string, string> = {
  'model_index.json': '{ "_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"] }',
  'unet/config.json': '{ "in_channels": 4, "sample_size": [8, 16], "act_fn": "silu" }',
  'unet/model.onnx': 'unet',
  'text_encoder/config.json': '{ "max_position_embeddings": 77 }',
  'text_encoder/model.onnx': 'text',
  'vae_decoder/config.json': '{ "scaling_factor": 0.5 }',
  'vae_decoder/model.onnx': 'vae',
  'tokenizer/vocab.json': '{ "<|startoftext|>": 0, "<|endoftext|>": 1 }',
  'tokenizer/merges.txt': '#version: 0.2\n',
  'tokenizer/tokenizer_config.json': '{ "model_max_length": 78 }',
  'scheduler/scheduler_config.json': '{ "_class_name": "PNDMScheduler", "beta_start": 0.1 }',
};

let root: string;
let whole: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dmi-pipeline-'));
  whole = join(root, 'whole');
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(whole, file, '..'), { recursive: true });
    await writeFile(join(whole, file), text);
  }
});
afterAll(async () => { await rm(root, { recursive: true }); });

async function variant(name: string, change: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(root, name.replaceAll(/\W+/g, '-'));
  await cp(whole, folder, { recursive: true });
  await change(folder);
  return folder;
}

describe('a pipeline folder', () => {
  it('is opened by its parts', async () => {
    const { name, components } = await openPipelineFolder(join(whole, '.', 'unet', '..'));
    expect(name).toBe('whole');
    expect(components.unet.config).toMatchObject({ in_channels: 4, sample_size: [8, 16] });
    expect(await readFile(components.vaeDecoder.path, 'utf8')).toBe('vae');
    expect(components.scheduler.values).toMatchObject({ beta_start: 0.1 });
  });

  it('has a hash that `sha256sum | sha256sum` gives too, and that every component changes', async () => {
    const parts = Object.keys(files).filter((file) => file !== 'model_index.json').sort();
    const sum = (text: string): string => createHash('sha256').update(text).digest('hex');
    const pipeline = await openPipelineFolder(whole);
    const read: [done: number, total: number][] = [];
    expect(await pipeline.hash((...progress) => { read.push(progress); })).toBe(sum(parts.map((file) => `${sum(files[file])}  ${file}\n`).join('')));
    for (const file of parts) {
      const other = await variant(`other ${file}`, (folder) => writeFile(join(folder, file), `${files[file]} `));
      expect(await (await openPipelineFolder(other)).hash(), file).not.toBe(await pipeline.hash());
    }
    const documented = await variant('documented', (folder) => writeFile(join(folder, 'README.md'), 'a card'));
    const total = read[0][1];
    expect([read.at(-1), read.every(([done], index) => done > (read.at(index - 1)?.[0] ?? 0) || index === 0)]).toEqual([[total, total], true]);
    expect(await (await openPipelineFolder(documented)).hash()).toBe(await pipeline.hash());
  });

  it('has another hash with another scale of latents, also where that stands in the folder of the whole VAE', async () => {
    const withScale = (name: string, scale: number): Promise<string> => variant(name, async (folder) => {
      await rm(join(folder, 'vae_decoder', 'config.json'));
      await mkdir(join(folder, 'vae'));
      await writeFile(join(folder, 'vae', 'config.json'), JSON.stringify({ scaling_factor: scale }));
    });
    const [one, other] = [await openPipelineFolder(await withScale('scale 1', 0.5)), await openPipelineFolder(await withScale('scale 2', 0.25))];
    expect([one, other].map(({ components }) => components.vaeDecoder.config.scaling_factor)).toEqual([0.5, 0.25]);
    expect(await one.hash()).not.toBe(await other.hash());
  });

  it.each<[string, (folder: string) => Promise<void>, RegExp]>([
    ['no index', (folder) => rm(join(folder, 'model_index.json')), /model_index\.json: no such file/],
    ['no U-Net', (folder) => rm(join(folder, 'unet', 'model.onnx')), /model\.onnx: no such file/],
    ['no tokenizer', (folder) => rm(join(folder, 'tokenizer'), { recursive: true }), /tokenizer: no such file/],
    ['a malformed configuration', (folder) => writeFile(join(folder, 'unet', 'config.json'), '{\n "in_channels": }'), /config\.json: 2:17/],
    ['a configuration that is a list', (folder) => writeFile(join(folder, 'vae_decoder', 'config.json'), '[]'), /vae_decoder.config\.json: .*must be object/],
    ['a wrong number of channels', (folder) => writeFile(join(folder, 'unet', 'config.json'), '{ "in_channels": "4", "sample_size": 8 }'), /config\.json: \/in_channels/],
    ['a second text encoder that is not there', (folder) => writeFile(join(folder, 'model_index.json'), '{ "_class_name": "StableDiffusionXLPipeline", "text_encoder_2": ["transformers", "CLIPTextModel"] }'), /text_encoder_2.model\.onnx: no such file/],
    ['a transformer', (folder) => writeFile(join(folder, 'model_index.json'), '{ "_class_name": "FluxPipeline", "transformer": ["diffusers", "FluxTransformer2DModel"] }'), /\/transformer: FluxPipeline denoises with a transformer/],
    ['a ControlNet', (folder) => writeFile(join(folder, 'model_index.json'), '{ "_class_name": "StableDiffusionControlNetPipeline", "controlnet": ["diffusers", "ControlNetModel"] }'), /\/controlnet: .*ControlNet/],
    ['inpainting', (folder) => writeFile(join(folder, 'model_index.json'), '{ "_class_name": "StableDiffusionInpaintPipeline" }'), /needs more than a text \(Inpaint\)/],
    ['the refiner of SDXL', (folder) => writeFile(join(folder, 'model_index.json'), '{ "_class_name": "StableDiffusionXLPipeline", "text_encoder": [null, null] }'), /no first text encoder/],
    ['weights for PyTorch', async (folder) => {
      await rm(join(folder, 'unet', 'model.onnx'));
      await writeFile(join(folder, 'unet', 'diffusion_pytorch_model.safetensors'), '');
    }, /holds weights for PyTorch.*\n.*optimum-cli export onnx/],
    ['a network outside', async (folder) => {
      await rm(join(folder, 'unet', 'model.onnx'));
      await symlink(join(whole, 'unet', 'model.onnx'), join(folder, 'unet', 'model.onnx'));
    }, /leaves the folder/],
  ])('is refused with file, place and remedy: %s', async (name, change, message) => {
    const error: unknown = await openPipelineFolder(await variant(name, change)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).describe()).toMatch(message);
    expect((error as InputError).remedy).not.toBe('');
  });

  it('is not loaded when its prompts are longer than its text encoder reads', async () => {
    await expect(loadPipeline(await openPipelineFolder(whole))).rejects.toThrow(/78 tokens are longer than the 77/);
  });

  it.each([['nothing', 'nowhere'], ['a file', 'whole/model_index.json']])('is refused when the path names %s', async (_, path) => {
    await expect(openPipelineFolder(join(root, path))).rejects.toThrow(InputError);
  });
});
