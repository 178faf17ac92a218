import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { readFileBytes } from '../base/fileBytes.ts';
import { resolveInside } from '../base/insideFolder.ts';
import { recordOf } from '../base/recordOf.ts';
import { readComponentConfig } from './componentConfig.ts';

const flags = { lstrip: Type.Boolean(), rstrip: Type.Boolean(), single_word: Type.Boolean(), normalized: Type.Boolean() };

/** A token that is found in a text as it stands. */
export const tokenWithFlags = Type.Object({ content: Type.String(), ...Type.Partial(Type.Object(flags)).properties });

const id = Type.Integer({ minimum: 0 });
const vocabulary = recordOf(id);

/** `tokenizer.json` of the tokenizers library, which is all that transformers 5 writes beside the configuration. */
const wholeTokenizer = Type.Object({
  model: Type.Object({ vocab: vocabulary, merges: Type.Array(Type.Union([Type.String(), Type.Tuple([Type.String(), Type.String()])])) }),
  added_tokens: Type.Optional(Type.Array(Type.Object({ ...tokenWithFlags.properties, id }), { maxItems: 65536 })),
});

/** CLIP's vocabulary has 49 408 entries, about a megabyte; with the merges it is three. */
const maxBytes = 64 * 2 ** 20;

/** What a BPE tokenizer knows. */
export interface BytePairs {
  /** Token -> id. */
  readonly vocab: Readonly<Record<string, number>>;
  /** In order of rank. */
  readonly merges: readonly (readonly [string, string])[];
  /** As `added_tokens_decoder` of a configuration, where the files hold such tokens themselves. */
  readonly addedTokens?: Readonly<Record<string, Static<typeof tokenWithFlags>>>;
}

/** Read `vocab.json` and `merges.txt`, or `tokenizer.json` where the former are not there. @throws InputError */
export async function readBytePairs(folder: string): Promise<BytePairs> {
  if (!existsSync(join(folder, 'vocab.json')) && existsSync(join(folder, 'tokenizer.json'))) return readWhole(folder);
  const [vocab, mergesPath] = await Promise.all([readComponentConfig(folder, 'vocab.json', vocabulary, { maxBytes }), resolveInside(folder, 'merges.txt')]);
  return { vocab: vocab.values, merges: parseMerges(await readFileBytes(mergesPath), mergesPath) };
}

async function readWhole(folder: string): Promise<BytePairs> {
  const { path, values: { model, added_tokens: added = [] } } = await readComponentConfig(folder, 'tokenizer.json', wholeTokenizer, { maxBytes });
  return {
    vocab: { ...model.vocab, ...Object.fromEntries(added.map(({ content, id: number }) => [content, number])) },
    merges: model.merges.map((merge, index) => typeof merge === 'string' ? mergeOf(merge, path, `/model/merges/${index}`) : merge),
    addedTokens: Object.fromEntries(added.map(({ id: number, ...token }) => [String(number), token])),
  };
}

/** One merge a line, `left right`; a first line `#version` is a comment. */
function parseMerges(bytes: Uint8Array, file: string): [string, string][] {
  const merges: [string, string][] = [];
  for (const [index, line] of new TextDecoder().decode(bytes).split('\n').entries()) {
    if (line.trim() === '' || (index === 0 && line.startsWith('#version'))) continue;
    merges.push(mergeOf(line.trimEnd(), file, `line ${index + 1}`));
  }
  return merges;
}

function mergeOf(text: string, file: string, place: string): [string, string] {
  const [left, right, ...rest] = text.split(' ') as [string, ...(string | undefined)[]];
  if (right !== undefined && rest.length === 0) return [left, right];
  throw new InputError(phrase`a merge is two tokens separated by one space`, { file, place, remedy: phrase`Restore merges.txt from the tokenizer it came with.` });
}
