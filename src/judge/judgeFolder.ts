import path from 'node:path';
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { checkShape } from '../base/checkShape.ts';
import { resolveInside } from '../base/insideFolder.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { sha256File, sha256Text } from '../base/sha256.ts';

const name = Type.String({ minLength: 1, maxLength: 200 });
const classes = Type.Object({ vocabulary: Type.Array(name, { minItems: 1, maxItems: 4096 }) });
const classesAndNothing = Type.Object({ vocabulary: Type.Array(name, { minItems: 2, maxItems: 4096 }) });

/** `judge.json`: how a judge's networks are fed and what their classes are called. Keys that are not named here are notes for readers. */
const judgeSchema = Type.Object({
  /** Pictures go in as float32 [N, 3, height, width] from 0 to 1. */
  image: Type.Object({
    size: Type.Tuple([Type.Integer({ minimum: 1, maximum: 8192 }), Type.Integer({ minimum: 1, maximum: 8192 })]),
    layout: Type.Literal('NCHW'),
    channels: Type.Literal('RGB'),
    range: Type.Tuple([Type.Literal(0), Type.Literal(1)]),
  }),
  /** The first word of `thing_logits` and `colour_logits` stands for "nothing here". */
  segmenter: Type.Object({
    model: name,
    input: name,
    outputs: Type.Object({ thing_logits: classesAndNothing, colour_logits: classesAndNothing, background_logits: classes, style_logits: classes }),
  }),
  dual_encoder: Type.Object({
    image: Type.Object({ model: name, input: name, output: name }),
    text: Type.Object({ model: name, input: name, output: name, tokenizer: name }),
  }),
});

/** The words a judge knows. */
export interface Vocabulary {
  readonly things: readonly string[];
  readonly colours: readonly string[];
  readonly backgrounds: readonly string[];
  readonly styles: readonly string[];
}

/** A judge on disk: a model that measures pictures, never the model under study. */
export interface JudgeFolder {
  readonly folder: string;
  readonly config: Static<typeof judgeSchema>;
  readonly vocabulary: Vocabulary;
  /** Absolute paths of the networks and of the tokenizer's folder. */
  readonly files: { readonly segmenter: string; readonly imageEncoder: string; readonly textEncoder: string; readonly tokenizer: string };
  /** Over `judge.json` and the networks: the same hash, the same judgements. */
  readonly hash: string;
}

/**
 * Open a judge's folder. Its networks lie inside it; its tokenizer may be that of the model it lies beside (`../tokenizer`).
 * @throws InputError when `judge.json` is missing or malformed, or names files that lie elsewhere or do not exist
 */
export async function openJudgeFolder(folder: string): Promise<JudgeFolder> {
  const config = await readJudgeConfig(folder);
  const { segmenter: { model }, dual_encoder: { image, text } } = config;
  const files = {
    segmenter: await resolveInside(folder, model),
    imageEncoder: await resolveInside(folder, image.model),
    textEncoder: await resolveInside(folder, text.model),
    tokenizer: await resolveInside(path.dirname(path.resolve(folder)), path.join(path.basename(path.resolve(folder)), text.tokenizer)),
  };
  const hashes = await Promise.all([files.segmenter, files.imageEncoder, files.textEncoder].map((network) => sha256File(network)));
  return { folder, config, files, vocabulary: vocabularyOf(config), hash: sha256Text([JSON.stringify(config), ...hashes].join('\n')) };
}

/** The words that the judge in a folder knows; its networks are not looked at. @throws InputError when `judge.json` is missing or malformed */
export async function readVocabulary(folder: string): Promise<Vocabulary> {
  return vocabularyOf(await readJudgeConfig(folder));
}

async function readJudgeConfig(folder: string): Promise<JudgeFolder['config']> {
  const file = path.join(folder, 'judge.json');
  return checkShape(judgeSchema, await readJsonFile(file, { maxBytes: 1 << 20 }), file, 'Restore judge.json, or name the folder of another judge.');
}

function vocabularyOf({ segmenter: { outputs } }: JudgeFolder['config']): Vocabulary {
  return {
    things: outputs.thing_logits.vocabulary.slice(1),
    colours: outputs.colour_logits.vocabulary.slice(1),
    backgrounds: outputs.background_logits.vocabulary,
    styles: outputs.style_logits.vocabulary,
  };
}
