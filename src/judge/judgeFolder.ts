import path from 'node:path';
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { checkShape } from '../base/checkShape.ts';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { resolveInside } from '../base/insideFolder.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { listFolder } from '../base/listFolder.ts';
import { rememberedSha256 } from '../base/rememberedSha256.ts';
import { sha256File, sha256Text } from '../base/sha256.ts';
import { externalFiles } from '../onnx/externalFiles.ts';

const name = Type.String({ minLength: 1, maxLength: 200 });
const classes = Type.Object({ vocabulary: Type.Array(name, { minItems: 1, maxItems: 4096 }) });
const classesAndNothing = Type.Object({ vocabulary: Type.Array(name, { minItems: 2, maxItems: 4096 }) });
const side = Type.Integer({ minimum: 1, maximum: 8192 });
const perChannel = Type.Tuple([Type.Number(), Type.Number(), Type.Number()]);

/** How a network wants its pictures, as processors of transformers describe it. */
const pictureFormat = Type.Object({
  /** [height, width]; left out, any size is taken as it is. */
  size: Type.Optional(Type.Tuple([side, side])),
  /** How pictures of another size come to it, on bytes and with antialiasing as Pillow does it; left out, they are refused. */
  resize: Type.Optional(Type.Union([Type.Literal('bicubic'), Type.Literal('bilinear')])),
  /** `cover`: the shorter side fits and the middle is cut out, as CLIP's processor does; `stretch` where left out. */
  fit: Type.Optional(Type.Union([Type.Literal('cover'), Type.Literal('stretch')])),
  layout: Type.Union([Type.Literal('NCHW'), Type.Literal('NHWC')]),
  channels: Type.Union([Type.Literal('RGB'), Type.Literal('BGR')]),
  /** What black and white become, before `mean` and `std`. */
  range: Type.Tuple([Type.Number(), Type.Number()]),
  /** Then (x − mean) / std, channels in the order of `channels`. */
  mean: Type.Optional(perChannel),
  std: Type.Optional(Type.Tuple([Type.Number({ exclusiveMinimum: 0 }), Type.Number({ exclusiveMinimum: 0 }), Type.Number({ exclusiveMinimum: 0 })])),
});
export type PictureFormat = Static<typeof pictureFormat>;

const ownFormat = { preprocessing: Type.Optional(pictureFormat) };

/** How a caption becomes token ids [1, length]. */
const captionFormat = {
  input: name,
  /** Input that is 1 at every token and 0 at padding; left out where the network has none. */
  attention_mask: Type.Optional(name),
  /** Folder with a CLIP tokenizer, inside the judge's folder or beside it. */
  tokenizer: name,
  /** What a word becomes before it is read; "{}" stands for the word. */
  template: Type.Optional(Type.String({ maxLength: 1000, pattern: '\\{\\}' })),
};

/** `judge.json`: which networks a judge has, and how they are fed. Keys that are not named here are notes for readers. */
const judgeSchema = Type.Object({
  /** For every network that has no `preprocessing` of its own. */
  image: Type.Optional(pictureFormat),
  /** Fixed classes. The first word of `thing_logits` and `colour_logits` stands for "nothing here". */
  segmenter: Type.Optional(Type.Object({
    ...ownFormat, model: name, input: name,
    outputs: Type.Object({ thing_logits: classesAndNothing, colour_logits: classesAndNothing, background_logits: classes, style_logits: classes }),
  })),
  /** Any noun (CLIPSeg): a picture and a text go in, logits [.., height, width] come out; the noun is where their sigmoid reaches `threshold`. */
  text_segmenter: Type.Optional(Type.Object({
    ...ownFormat, model: name, input: name, output: name, threshold: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
    text: Type.Object(captionFormat),
  })),
  /** Both halves in one file (as exported from CLIPModel), or in two. */
  dual_encoder: Type.Optional(Type.Object({
    image: Type.Object({ ...ownFormat, model: name, input: name, output: name }),
    text: Type.Object({ ...captionFormat, model: name, output: name }),
  })),
  /** Two pictures go in; out comes their distance (one number), or a map of it [1, 1, height, width]. */
  perceptual: Type.Optional(Type.Object({
    ...ownFormat, model: name, inputs: Type.Tuple([name, name]), output: name,
    /** What reports call it, e.g. `LPIPS (alex)`. */
    name: Type.String({ minLength: 1, maxLength: 200 }),
  })),
});
export type JudgeConfig = Static<typeof judgeSchema>;

/** The words a judge with fixed classes knows. */
export interface Vocabulary {
  readonly things: readonly string[];
  readonly colours: readonly string[];
  readonly backgrounds: readonly string[];
  readonly styles: readonly string[];
}

/** What a judge can measure. */
export interface JudgeOffer {
  /** Nouns it finds; `any` where it is asked in words; none where it finds nothing. */
  readonly nouns: readonly string[] | 'any';
  readonly similarity: boolean;
  readonly perceptual: boolean;
}

/** A judge on disk: a model that measures pictures, never the model under study. Paths are absolute; undefined where the judge has no such network. */
export interface JudgeFolder {
  readonly folder: string;
  readonly config: JudgeConfig;
  readonly vocabulary: Vocabulary | undefined;
  readonly files: {
    readonly segmenter: string | undefined;
    readonly textSegmenter: { readonly model: string; readonly tokenizer: string } | undefined;
    readonly dualEncoder: { readonly image: string; readonly text: string; readonly tokenizer: string } | undefined;
    readonly perceptual: string | undefined;
  };
  /** Over what finds and names things (segmenters and dual encoder, and what `judge.json` says of them): labels of concepts refer to it. */
  readonly hash: string;
  /** Over the tokenizers of what is asked in words. */
  readonly wordsHash: string;
  /** Over the perceptual network and what `judge.json` says of it; undefined where there is none. */
  readonly perceptualHash: string | undefined;
}

/**
 * Open a judge's folder. Its networks lie inside it; a tokenizer may be that of the model it lies beside (`../tokenizer`).
 * @throws InputError when `judge.json` is missing or malformed, or names files that lie elsewhere or do not exist
 */
export async function openJudgeFolder(folder: string): Promise<JudgeFolder> {
  const config = await readJudgeConfig(folder);
  const { perceptual, ...naming } = config;
  const { segmenter, text_segmenter: textSegmenter, dual_encoder: encoder } = config;
  const inside = (file: string): Promise<string> => resolveInside(folder, file);
  const beside = (file: string): Promise<string> => {
    const absolute = path.resolve(folder);
    return resolveInside(path.dirname(absolute), path.join(path.basename(absolute), file));
  };
  const files: JudgeFolder['files'] = {
    segmenter: segmenter && await inside(segmenter.model),
    textSegmenter: textSegmenter && { model: await inside(textSegmenter.model), tokenizer: await beside(textSegmenter.text.tokenizer) },
    dualEncoder: encoder && { image: await inside(encoder.image.model), text: await inside(encoder.text.model), tokenizer: await beside(encoder.text.tokenizer) },
    perceptual: perceptual && await inside(perceptual.model),
  };
  const networks = [files.segmenter, files.dualEncoder?.image, files.dualEncoder?.text, files.textSegmenter?.model].filter((file) => file !== undefined);
  const hashes = (await Promise.all(networks.map((network) => hashesOf(network)))).flat();
  return {
    folder, config, files, vocabulary: vocabularyOf(config),
    hash: sha256Text([JSON.stringify(naming), ...hashes].join('\n')),
    wordsHash: await hashOfTokenizers([files.textSegmenter?.tokenizer, files.dualEncoder?.tokenizer].filter((tokenizer) => tokenizer !== undefined)),
    perceptualHash: files.perceptual && sha256Text([JSON.stringify([perceptual, config.image]), ...await hashesOf(files.perceptual)].join('\n')),
  };
}

/** Of a network, and of the files beside it that hold its weights. */
async function hashesOf(network: string): Promise<string[]> {
  return await Promise.all([network, ...await externalFiles(network)].map((file) => rememberedSha256(file)));
}

/** A tokenizer is a handful of files. */
const mostTokenizerFiles = 64;

async function hashOfTokenizers(folders: readonly string[]): Promise<string> {
  const files = await Promise.all(folders.map(async (folder) => (await listFolder(folder, mostTokenizerFiles)).filter((entry) => entry.isFile()).map(({ name: file }) => path.join(folder, file)).sort()));
  return sha256Text((await Promise.all(files.flat().map((file) => sha256File(file)))).join('\n'));
}

/** What the judge in a folder can measure; its networks are not looked at. @throws InputError when `judge.json` is missing or malformed */
export async function readJudgeOffer(folder: string): Promise<JudgeOffer> {
  const config = await readJudgeConfig(folder);
  const vocabulary = vocabularyOf(config);
  return {
    nouns: config.text_segmenter === undefined ? nounsOf(vocabulary) : 'any',
    similarity: config.dual_encoder !== undefined, perceptual: config.perceptual !== undefined,
  };
}

/** Everything that a judge with fixed classes can be asked for. */
function nounsOf(vocabulary: Vocabulary | undefined): string[] {
  if (vocabulary === undefined) return [];
  const { things, colours, backgrounds, styles } = vocabulary;
  return [...things, ...colours, ...colours.flatMap((colour) => things.map((thing) => `${colour} ${thing}`)), ...backgrounds, ...styles];
}

async function readJudgeConfig(folder: string): Promise<JudgeConfig> {
  const file = path.join(folder, 'judge.json');
  const remedy = phrase`Restore judge.json, or name the folder of another judge.`;
  const config = checkShape(judgeSchema, await readJsonFile(file, { maxBytes: 1 << 20 }), file, remedy);
  const { image, segmenter, text_segmenter: textSegmenter, dual_encoder: encoder, perceptual } = config;
  const networks = { segmenter, text_segmenter: textSegmenter, 'dual_encoder/image': encoder?.image, perceptual };
  const formats = Object.entries(networks).flatMap(([key, network]) => (network === undefined ? [] : [[key, network.preprocessing] as const]));
  if (formats.length === 0) throw new InputError(phrase`names no network`, { file, remedy });
  const without = formats.find(([, own]) => own === undefined && image === undefined);
  if (without !== undefined) {
    throw new InputError(phrase`nothing says how pictures go in`, { file, place: `/${without[0]}/preprocessing`, remedy: phrase`Describe it there, or under "image" for all networks.` });
  }
  return config;
}

function vocabularyOf({ segmenter }: JudgeConfig): Vocabulary | undefined {
  return segmenter && {
    things: segmenter.outputs.thing_logits.vocabulary.slice(1),
    colours: segmenter.outputs.colour_logits.vocabulary.slice(1),
    backgrounds: segmenter.outputs.background_logits.vocabulary,
    styles: segmenter.outputs.style_logits.vocabulary,
  };
}
