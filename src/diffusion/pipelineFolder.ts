import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, posix, sep } from 'node:path';
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { fileStamps } from '../base/fileStamps.ts';
import { resolveInside } from '../base/insideFolder.ts';
import { rememberedSha256 } from '../base/rememberedSha256.ts';
import { sha256Text } from '../base/sha256.ts';
import type { ComponentConfig } from './componentConfig.ts';
import { readComponentConfig } from './componentConfig.ts';

const unetConfig = Type.Object({
  in_channels: Type.Integer({ minimum: 1 }),
  /** Side of a latent in cells, or [height, width]. */
  sample_size: Type.Union([Type.Integer({ minimum: 1 }), Type.Tuple([Type.Integer({ minimum: 1 }), Type.Integer({ minimum: 1 })])]),
});

const vaeConfig = Type.Object({
  /** Latents are divided by it before decoding; diffusers' default is Stable Diffusion 1's. */
  scaling_factor: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
});

const textEncoderConfig = Type.Object({
  /** Tokens of the longest prompt it can read; transformers leaves its default, 77, out of the file. */
  max_position_embeddings: Type.Optional(Type.Integer({ minimum: 2 })),
});

/** Left open: each scheduler reads its own keys. */
const schedulerConfig = Type.Object({ _class_name: Type.Optional(Type.String()) });

const modelIndex = Type.Object({
  _class_name: Type.String(),
  text_encoder_2: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Null()]))),
});

/** An ONNX network and its configuration. */
export interface NetworkComponent<T> {
  /** The `.onnx` file, absolute, links resolved. */
  readonly path: string;
  readonly config: T;
}

/** A text-to-image pipeline on disk: the layout of diffusers, the networks as optimum exports them to ONNX. */
export interface PipelineFolder {
  /** Absolute, links resolved. */
  readonly folder: string;
  /** The folder's own name. */
  readonly name: string;
  readonly components: {
    readonly unet: NetworkComponent<Static<typeof unetConfig>>;
    readonly textEncoder: NetworkComponent<Static<typeof textEncoderConfig>>;
    readonly vaeDecoder: NetworkComponent<Static<typeof vaeConfig>>;
    /** Folder with the tokenizer's files. */
    readonly tokenizer: string;
    readonly scheduler: ComponentConfig<Static<typeof schedulerConfig>>;
  };
  /** SHA-256 over the files of all components (`modelHash`); computed on the first call. */
  hash(): Promise<string>;
}

/** The folders that together decide what a pipeline generates. */
const componentFolders = ['scheduler', 'text_encoder', 'tokenizer', 'unet', 'vae_decoder'] as const;

/** Find the parts of a pipeline and read their configurations; no network is loaded. @throws InputError naming the part that is missing or malformed */
export async function openPipelineFolder(folder: string): Promise<PipelineFolder> {
  const root = await existingFolder(folder);
  const index = await readComponentConfig(root, 'model_index.json', modelIndex);
  if (index.values.text_encoder_2?.some((part) => part !== null) === true) {
    throw new InputError(phrase`${index.values._class_name} has two text encoders; only pipelines with one are supported`, {
      file: index.path, place: '/text_encoder_2', remedy: phrase`Use a pipeline of the type of Stable Diffusion 1 or 2.`,
    });
  }
  const network = async (name: string): Promise<string> => resolveInside(root, join(name, 'model.onnx'));
  const [unet, textEncoder, vae, scheduler] = await Promise.all([
    readComponentConfig(root, join('unet', 'config.json'), unetConfig),
    readComponentConfig(root, join('text_encoder', 'config.json'), textEncoderConfig),
    readComponentConfig(root, join('vae_decoder', 'config.json'), vaeConfig),
    readComponentConfig(root, join('scheduler', 'scheduler_config.json'), schedulerConfig),
  ]);
  let hash: Promise<string> | undefined;
  return {
    folder: root,
    name: basename(root),
    components: {
      unet: { path: await network('unet'), config: unet.values },
      textEncoder: { path: await network('text_encoder'), config: textEncoder.values },
      vaeDecoder: { path: await network('vae_decoder'), config: vae.values },
      tokenizer: await resolveInside(root, 'tokenizer'),
      scheduler,
    },
    hash: () => hash ??= modelHash(root),
  };
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

/** SHA-256 of the lines `<sha256>  <path>` of every component's files, by path; what `sha256sum` prints, so that anyone can check it. @param root absolute @throws InputError when one cannot be read */
export async function modelHash(root: string): Promise<string> {
  const lines: string[] = [];
  for (const path of await componentFiles(root)) {
    lines.push(`${await rememberedSha256(join(root, path))}  ${path}\n`);
  }
  return sha256Text(lines.join(''));
}

/** Every file of every component, relative to the pipeline with forward slashes, in order. */
export async function componentFiles(root: string): Promise<string[]> {
  const found = await Promise.all(componentFolders.map(async (component) => {
    const entries = await readdir(join(root, component), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => join(entry.parentPath, entry.name));
  }));
  return found.flat().map((file) => file.slice(root.length + 1).split(sep).join(posix.sep)).sort();
}

/** What changes with any file of a pipeline, found without reading one. @param root absolute @throws Error where a component is missing */
export async function pipelineStamp(root: string): Promise<string> {
  return fileStamps(['model_index.json', ...await componentFiles(root)].map((path) => join(root, path)));
}
