import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import type { DType } from '../../../src/base/tensor.ts';
import { loadPipeline } from '../../../src/diffusion/loadPipeline.ts';
import { openPipelineFolder } from '../../../src/diffusion/pipelineFolder.ts';
import { GraphBuilder } from '../../../src/onnx/graphBuilder.ts';
import { exportFolder } from '../../support/exports.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

type Declared = readonly [name: string, dtype: DType, dims: readonly (number | string)[]];

const usual: readonly Declared[] = [['sample', 'float32', ['n', 4, 8, 8]], ['timestep', 'float32', []], ['encoder_hidden_states', 'float32', ['n', 32, 16]]];

/** A network of so many inputs that computes nothing of use: it is never loaded. */
function network(inputs: readonly Declared[], answers: readonly (number | string)[] = ['n', 4, 8, 8]): Uint8Array {
  const graph = new GraphBuilder();
  for (const [name, dtype, dims] of inputs) graph.input(name, dtype, dims);
  graph.node('Identity', [inputs[0][0]], {}, 'out_sample');
  graph.output('out_sample', 'float32', answers);
  return graph.build();
}

async function pipelineWith(files: Readonly<Record<string, string | Uint8Array | undefined>>): Promise<string> {
  const folder = await temporaryFolder();
  await cp(exportFolder('sd1-optimum'), folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) await (content === undefined ? rm(join(folder, file)) : writeFile(join(folder, file), content));
  return folder;
}

async function load(files: Readonly<Record<string, string | Uint8Array | undefined>>): Promise<unknown> {
  try {
    await (await loadPipeline(await openPipelineFolder(await pipelineWith(files)))).close();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a U-Net that this pipeline cannot ask is refused before a network is loaded', () => {
  it.each<[string, readonly Declared[], RegExp]>([
    ['of classes, of a timestep\'s rank (StableUnCLIP, upscalers, AudioLDM)', [...usual, ['class_labels', 'int64', ['n']]], /model\.onnx: class_labels: this input of the U-Net is not known\n.*classes/],
    ['of classes in a table', [...usual, ['class_labels', 'float32', ['n', 32]]], /class_labels: this input/],
    ['with a ControlNet\'s answers', [...usual, ['mid_block_additional_residual', 'float32', ['n', 16, 4, 4]]], /mid_block_additional_residual: this input/],
    ['with an adapter for pictures', [...usual, ['image_embeds', 'float32', ['n', 4, 16]]], /image_embeds: this input/],
    ['of videos', [['sample', 'float32', ['n', 4, 'frames', 8, 8]], ...usual.slice(1)], /0 of the inputs could be a noisy sample/],
    ['of SDXL, without its second text encoder', [...usual, ['text_embeds', 'float32', ['n', 24]], ['time_ids', 'float32', ['n', 6]]], /text_embeds: asks for something that this pipeline does not tell it \(text_encoder_2\)/],
    ['that is told a guidance weight, without its width', [...usual, ['timestep_cond', 'float32', ['n', 32]]], /timestep_cond: .*\(time_cond_proj_dim\)/],
  ])('%s', async (_, inputs, message) => {
    const error = await load({ 'unet/model.onnx': network(inputs) });
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).describe()).toMatch(message);
  });

  it('one that reads a picture beside the latent, also where configurations are missing', async () => {
    const unet = network([['sample', 'float32', ['n', 9, 8, 8]], ...usual.slice(1)], ['n', 4, 8, 8]);
    for (const files of [{}, { 'unet/config.json': undefined }, { 'unet/config.json': undefined, 'vae_decoder/config.json': undefined }]) {
      expect((await load({ 'unet/model.onnx': unet, ...files }) as Error).message).toMatch(/reads 9 channels, the VAE's latents have 4/);
    }
  });

  it('one that answers with a variance beside the noise', async () => {
    expect((await load({ 'unet/model.onnx': network(usual, ['n', 8, 8, 8]) }) as Error).message).toMatch(/answers with 8 channels, latents have 4/);
  });
});

describe('sizes that no memory holds, or that do not go together, are refused before a network is loaded', () => {
  it('a latent of a billion cells', async () => {
    const error = await load({ 'unet/model.onnx': network([['sample', 'float32', ['n', 4, 1e9, 8]], ...usual.slice(1)]) });
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/latents of \[1, 4, 1000000000, 8\], which no memory holds/);
  });

  it('a VAE for other latents than the U-Net makes', async () => {
    const error = await load({ 'vae_decoder/model.onnx': network([['latent_sample', 'float32', ['n', 4, 64, 64]]], ['n', 3, 512, 512]) });
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/decodes latents of 64 x 64 cells, the U-Net makes 8 x 8/);
  });

  it('a prompt of a billion tokens', async () => {
    const config = JSON.parse(await readFile(join(exportFolder('sd1-optimum'), 'tokenizer', 'tokenizer_config.json'), 'utf8')) as object;
    const error = await load({ 'text_encoder/config.json': '{ "max_position_embeddings": 1000000000 }', 'tokenizer/tokenizer_config.json': JSON.stringify({ ...config, model_max_length: 1e30 }) });
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/does not say how many tokens/);
  });

  it('two texts of different lengths', async () => {
    const folder = await temporaryFolder();
    await cp(exportFolder('sdxl-optimum'), folder, { recursive: true });
    const file = join(folder, 'tokenizer_2', 'tokenizer_config.json');
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')) as object, model_max_length: 16 }));
    await expect(loadPipeline(await openPipelineFolder(folder))).rejects.toThrow(/the two tokenizers give 32 and 16 tokens/);
  });
});

describe('an index of a pipeline as repositories have them is read', () => {
  const index = { _class_name: 'StableDiffusionPipeline', _diffusers_version: '0.6.0', unet: ['diffusers', 'UNet2DConditionModel'], text_encoder: ['transformers', 'CLIPTextModel'] };

  it.each<[string, object]>([
    ['without a safety checker', {}],
    ['with one that is twice null', { safety_checker: [null, null], feature_extractor: [null, null], image_encoder: [null, null], requires_safety_checker: false }],
    ['with null in place of lists', { safety_checker: null, image_encoder: null, text_encoder_2: null }],
    ['with one of a module of its own', { safety_checker: ['stable_diffusion', 'StableDiffusionSafetyChecker'], feature_extractor: ['transformers', 'CLIPFeatureExtractor'] }],
    ['of optimum', { _class_name: 'ORTStableDiffusionPipeline', _name_or_path: 'x', unet: ['optimum.onnxruntime.modeling_diffusion', 'ORTUnet'] }],
    ['of diffusers for ONNX, first name', { _class_name: 'StableDiffusionOnnxPipeline' }],
    ['of a pipeline of someone\'s own', { _class_name: ['pipeline', 'MyPipeline'] }],
  ])('%s', async (_, keys) => {
    expect(await load({ 'model_index.json': JSON.stringify({ ...index, ...keys }) })).toBeUndefined();
  });

  it.each<[string, object, RegExp]>([
    ['pictures to start from', { _class_name: 'StableDiffusionImg2ImgPipeline' }, /needs more than a text \(Img2Img\)/],
    ['pictures to fill in, for ONNX', { _class_name: 'OnnxStableDiffusionInpaintPipeline' }, /\(Inpaint\)/],
    ['ControlNets in a list', { controlnet: ['diffusers', 'MultiControlNetModel'] }, /has a ControlNet/],
    ['pictures for words', { _class_name: 'StableUnCLIPImg2ImgPipeline' }, /\(Img2Img\)/],
    ['a picture, in a class of someone\'s own', { _class_name: ['pipeline', 'MyInpaintPipeline'] }, /MyInpaintPipeline needs more than a text/],
  ])('and refused where it asks for more than a text: %s', async (_, keys, message) => {
    const error = await load({ 'model_index.json': JSON.stringify({ ...index, ...keys }) });
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
  });
});
