import { existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, posix, sep } from 'node:path';
import type { Static, TSchema } from 'typebox';
import * as Type from 'typebox';
import { checkShape } from '../base/checkShape.ts';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { fileStamps } from '../base/fileStamps.ts';
import { resolveInside } from '../base/insideFolder.ts';
import { rememberedSha256 } from '../base/rememberedSha256.ts';
import { sha256Text } from '../base/sha256.ts';
import type { ComponentConfig } from './componentConfig.ts';
import { readComponentConfig } from './componentConfig.ts';
import { siteChoiceName } from './siteChoiceName.ts';
import { checkSupported, modelIndex } from './supportedPipelines.ts';

/** Bounds what is allocated; no network comes near it. */
const count = Type.Integer({ minimum: 1, maximum: 65536 });
const side = Type.Integer({ minimum: 1, maximum: 4096 });
const layers = Type.Integer({ minimum: 1, maximum: 64 });

const blockTypes = Type.Optional(Type.Array(Type.String(), { maxItems: 16 }));
const unetConfig = Type.Object({
  in_channels: Type.Optional(count),
  /** Side of a latent in cells, or [height, width]. */
  sample_size: Type.Optional(Type.Union([side, Type.Tuple([side, side])])),
  /** Latent consistency models: width of the embedded guidance weight. */
  down_block_types: blockTypes, up_block_types: blockTypes,
  mid_block_type: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  layers_per_block: Type.Optional(Type.Union([layers, Type.Array(layers, { maxItems: 16 })])),
  time_cond_proj_dim: Type.Optional(Type.Union([count, Type.Null()])),
});

const perChannel = Type.Optional(Type.Union([Type.Null(), Type.Array(Type.Number(), { maxItems: 1024 })]));
const vaeConfig = Type.Object({
  scaling_factor: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  latents_mean: perChannel,
  latents_std: perChannel,
  latent_channels: Type.Optional(count),
  /** One for each halving of the picture, and one more. */
  block_out_channels: Type.Optional(Type.Array(count, { minItems: 1, maxItems: 16 })),
});

const textEncoderConfig = Type.Object({
  /** Tokens of the longest prompt it can read; transformers leaves its default, 77, out of the file. */
  max_position_embeddings: Type.Optional(Type.Integer({ minimum: 2 })),
});

/** Left open: each scheduler reads its own keys. */
const schedulerConfig = Type.Object({ _class_name: Type.Optional(Type.String()) });

/** An ONNX network and its configuration. */
export interface NetworkComponent<T> {
  /** The `.onnx` file, absolute, links resolved. */
  readonly path: string;
  readonly config: T;
}

/** A text encoder and the tokenizer that goes with it. */
export interface TextComponent extends NetworkComponent<Static<typeof textEncoderConfig>> {
  /** Folder with the tokenizer's files. */
  readonly tokenizer: string;
}

/** A text-to-image pipeline on disk: the layout of diffusers, the networks as ONNX files. Configurations of networks may be missing, as diffusers' own script leaves them out. */
export interface PipelineFolder {
  /** Absolute, links resolved. */
  readonly folder: string;
  /** The folder's own name. */
  readonly name: string;
  /** SDXL: an empty negative prompt is zeros, not an encoded empty text. */
  readonly zerosForEmptyPrompt: boolean;
  readonly components: {
    readonly unet: NetworkComponent<Static<typeof unetConfig>>;
    readonly textEncoder: TextComponent;
    /** SDXL has two. */
    readonly textEncoder2?: TextComponent;
    readonly vaeDecoder: NetworkComponent<Static<typeof vaeConfig>>;
    readonly scheduler: ComponentConfig<Static<typeof schedulerConfig>>;
  };
  /** SHA-256 over the files of all components (`modelHash`); computed on the first call. @param onRead told how many bytes of all the first call has checked */
  hash(onRead?: (done: number, total: number) => void): Promise<string>;
}

/** The folders that together decide what a pipeline generates; a pipeline has those of the second row, with its index, or none of them. */
const componentFolders = ['scheduler', 'text_encoder', 'tokenizer', 'unet', 'vae_decoder'];
const secondText = ['text_encoder_2', 'tokenizer_2'];

/** Folders that may hold the configuration of the VAE; the first that does decides. */
const vaeConfigs = ['vae_decoder', 'vae'];

/** Find the parts of a pipeline and read their configurations; no network is loaded. @throws InputError naming the part that is missing, malformed or not supported */
export async function openPipelineFolder(folder: string): Promise<PipelineFolder> {
  const root = await existingFolder(folder);
  const index = await readComponentConfig(root, 'model_index.json', modelIndex);
  checkSupported(index);
  const text = async (suffix: string): Promise<TextComponent> => ({
    path: await networkFile(root, `text_encoder${suffix}`),
    config: await configOf(root, [`text_encoder${suffix}`], textEncoderConfig),
    tokenizer: await resolveInside(root, `tokenizer${suffix}`),
  });
  const hasSecond = index.values.text_encoder_2?.some((part) => part !== null) === true;
  const [unet, textEncoder, textEncoder2, vaeDecoder, scheduler] = await Promise.all([
    network(root, 'unet', ['unet'], unetConfig),
    text(''),
    hasSecond ? text('_2') : undefined,
    network(root, 'vae_decoder', vaeConfigs, vaeConfig),
    readComponentConfig(root, join('scheduler', 'scheduler_config.json'), schedulerConfig),
  ]);
  let hash: Promise<string> | undefined;
  return {
    folder: root,
    name: basename(root),
    zerosForEmptyPrompt: hasSecond && index.values.force_zeros_for_empty_prompt !== false,
    components: { unet, textEncoder, ...(textEncoder2 && { textEncoder2 }), vaeDecoder, scheduler },
    hash: (onRead) => hash ??= modelHash(root, onRead),
  };
}

async function network<T extends TSchema>(root: string, name: string, configs: readonly string[], schema: T): Promise<NetworkComponent<Static<T>>> {
  return { config: await configOf(root, configs, schema), path: await networkFile(root, name) };
}

/** The configuration in the first of some folders that has one; without any, what diffusers takes for granted. */
async function configOf<T extends TSchema>(root: string, folders: readonly string[], schema: T): Promise<Static<T>> {
  const file = configFile(root, folders);
  return file === undefined ? checkShape(schema, {}, root, '') : (await readComponentConfig(root, file, schema)).values;
}

function configFile(root: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, 'config.json')).find((path) => existsSync(join(root, path)));
}

/** @throws InputError where there is none, or only PyTorch weights */
async function networkFile(root: string, name: string): Promise<string> {
  try {
    return await resolveInside(root, join(name, 'model.onnx'));
  } catch (error) {
    const beside = await readdir(join(root, name === 'vae_decoder' ? 'vae' : name)).catch((): string[] => []);
    const weights = beside.find((file) => /\.(?:safetensors|bin)$/.test(file));
    if (!(error instanceof InputError) || weights === undefined || existsSync(join(root, name, 'model.onnx'))) throw error;
    throw new InputError(phrase`holds weights for PyTorch (${weights}) and no model.onnx`, {
      file: join(root, name), remedy: phrase`Export the pipeline to ONNX first: optimum-cli export onnx --model <folder> <new folder>.`,
    });
  }
}

async function existingFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new InputError(found === undefined ? phrase`no such folder` : phrase`is not a folder`, {
      file: folder, remedy: phrase`Name the folder of a pipeline exported to ONNX: the one that holds model_index.json.`,
    });
  }
  return realpath(folder);
}

/** SHA-256 of the lines `<sha256>  <path>` of every component's files, by path; what `sha256sum` prints, so that anyone can check it. @param root absolute. @param onRead as of `hash` @throws InputError when one cannot be read */
export async function modelHash(root: string, onRead?: (done: number, total: number) => void): Promise<string> {
  const paths = await componentFiles(root);
  const sizes = await Promise.all(paths.map(async (path) => (await stat(join(root, path)).catch(() => undefined))?.size ?? 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const lines: string[] = [];
  for (const [index, path] of paths.entries()) {
    let done = sizes.slice(0, index).reduce((sum, size) => sum + size, 0); // a hash that is remembered is not taken
    lines.push(`${await rememberedSha256(join(root, path), { onRead: onRead && ((bytes) => { onRead(done += bytes, total); }) })}  ${path}\n`);
  }
  return sha256Text(lines.join(''));
}

/** Every file of every component, relative to the pipeline with forward slashes, in order. */
export async function componentFiles(root: string): Promise<string[]> {
  const second = secondText.filter((folder) => existsSync(join(root, folder)));
  const found = await Promise.all([...componentFolders, ...second].map(async (component) => {
    const entries = await readdir(join(root, component), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => join(entry.parentPath, entry.name));
  }));
  const ofVae = configFile(root, vaeConfigs); // in a folder that is no component's, where the decoder has none
  const files = [...new Set([...found.flat().map((file) => file.slice(root.length + 1)), ...(ofVae === undefined ? [] : [ofVae])])].map((file) => file.split(sep).join(posix.sep));
  // What an empty prompt means with two text encoders stands in the index.
  // Which sums are a model's sites may have been chosen by hand.
  const choice = [siteChoiceName].filter((name) => existsSync(join(root, name)));
  return [...files, ...choice, ...(second.length === 0 ? [] : ['model_index.json'])].sort();
}

/** What changes with any file of a pipeline, found without reading one. @param root absolute @throws Error where a component is missing */
export async function pipelineStamp(root: string): Promise<string> {
  return fileStamps([...new Set(['model_index.json', ...await componentFiles(root)])].map((path) => join(root, path)));
}
