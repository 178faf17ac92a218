import { readdir } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { recordOf } from '../base/recordOf.ts';
import { readComponentConfig } from './componentConfig.ts';
import { readBytePairs, tokenWithFlags } from './tokenizerFiles.ts';

const namedToken = Type.Optional(Type.Union([Type.String(), Type.Null(), tokenWithFlags]));
const namedTokens = { bos_token: namedToken, eos_token: namedToken, unk_token: namedToken, pad_token: namedToken };
const specialTokensMap = Type.Object(namedTokens);
const tokenizerConfig = Type.Object({
  ...namedTokens,
  /** transformers writes 1e30 where nobody has said. */
  model_max_length: Type.Optional(Type.Number({ minimum: 2 })),
  added_tokens_decoder: Type.Optional(recordOf(tokenWithFlags, { pattern: '^[0-9]+$' })),
});

/** No text encoder reads more; a padded prompt is as long. */
const mostTokens = 65536;

/** What `tokenizer_config.json` says, with the tokens of `special_tokens_map.json` where the former has no `added_tokens_decoder`. */
type TokenizerConfig = Static<typeof tokenizerConfig>;

/** CLIP's tokenizer: the ids of transformers' `CLIPTokenizer`. */
export interface PromptTokenizer {
  /** Tokens per prompt, start and end included. */
  readonly maxLength: number;
  /** Start, text, end; cut to `maxLength`, not padded. */
  ids(text: string): number[];
  /** `ids` padded to `maxLength`: what the text encoder reads. */
  encode(text: string): Int32Array;
}

/** Read a tokenizer's folder: `vocab.json` and `merges.txt` (or `tokenizer.json`), `tokenizer_config.json` and, if there is one, `special_tokens_map.json`. @param longest tokens of a prompt where the files do not tell. @throws InputError */
export async function loadTokenizer(folder: string, longest?: number): Promise<PromptTokenizer> {
  const [{ vocab, merges, addedTokens }, config, special] = await Promise.all([
    readBytePairs(folder),
    readComponentConfig(folder, 'tokenizer_config.json', tokenizerConfig),
    readSpecialTokensMap(folder),
  ]);
  const values = addedTokens === undefined ? config.values : { ...config.values, added_tokens_decoder: { ...addedTokens, ...config.values.added_tokens_decoder } };
  const merged = values.added_tokens_decoder === undefined ? { ...values, ...special } : values;
  const told = values.model_max_length;
  const maxLength = [told, longest].find((tokens) => tokens !== undefined && Number.isInteger(tokens) && tokens <= mostTokens);
  if (maxLength === undefined) {
    throw new InputError(phrase`does not say how many tokens a prompt has`, {
      file: config.path, place: '/model_max_length', remedy: phrase`Set it to what the text encoder reads: 77 for those of Stable Diffusion.`,
    });
  }
  return createTokenizer(vocab, merges, { ...merged, maxLength }, config.path);
}

/** The older of two places for named tokens; many tokenizers come without it. */
async function readSpecialTokensMap(folder: string): Promise<Static<typeof specialTokensMap> | undefined> {
  const name = 'special_tokens_map.json';
  const names = await readdir(folder).catch((): string[] => []); // that the folder is missing, the other files say
  return names.includes(name) ? (await readComponentConfig(folder, name, specialTokensMap)).values : undefined;
}

/**
 * Build the tokenizer in memory; the pipeline is that of transformers' `CLIPTokenizer` (tokenization_clip.py).
 * @param vocab token -> id. @param merges pairs in order of rank. @param file names the configuration in errors.
 * @throws InputError when a named token is not in the vocabulary
 */
function createTokenizer(
  vocab: Readonly<Record<string, number>>, merges: readonly (readonly [string, string])[], config: TokenizerConfig & { readonly maxLength: number }, file: string,
): PromptTokenizer {
  const special = specialTokens(config);
  const idOf = (name: NamedToken): number => {
    const content = contentOf(config[name]) ?? defaultTokens[name];
    const id = vocab[content] as number | undefined;
    if (id !== undefined) return id;
    throw new InputError(phrase`${JSON.stringify(content)} is not in vocab.json`, { file, place: `/${name}`, remedy: phrase`Restore the tokenizer's files; all of them must come from one tokenizer.` });
  };
  const [start, end, pad] = [idOf('bos_token'), idOf('eos_token'), idOf('pad_token')];
  const tokenizer = new Tokenizer({
    added_tokens: [...special.values()].map((token) => ({ ...token, special: true, id: vocab[token.content] })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: String.raw`\s+` }, content: ' ' },
        // The reference lowers letter by letter; JavaScript would make a sigma at the end of a word a final one.
        { type: 'Replace', pattern: { String: 'Σ' }, content: 'σ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        split(String.raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`),
        // The byte level's own pattern, given here because its JavaScript \s is not the reference's.
        split(String.raw`'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]+|[^\s\p{L}\p{N}]+`),
        { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: null,
    model: { type: 'BPE', vocab, merges, unk_token: contentOf(config.unk_token) ?? defaultTokens.unk_token, end_of_word_suffix: '</w>', continuing_subword_prefix: '' },
  }, {});

  const ids = (text: string): number[] => {
    const content = tokenizer.encode(text, { add_special_tokens: false }).ids;
    return [start, ...content.slice(0, config.maxLength - 2), end];
  };
  return {
    maxLength: config.maxLength,
    ids,
    encode: (text) => {
      const padded = new Int32Array(config.maxLength).fill(pad);
      padded.set(ids(text));
      return padded;
    },
  };
}

const defaultTokens = { bos_token: '<|startoftext|>', eos_token: '<|endoftext|>', unk_token: '<|endoftext|>', pad_token: '<|endoftext|>' };
type NamedToken = keyof typeof defaultTokens;
type TokenWithFlags = Static<typeof tokenWithFlags>;

function contentOf(token: TokenizerConfig[NamedToken]): string | undefined {
  return typeof token === 'string' ? token : token?.content;
}

/** Tokens found in the text as they stand, before it is split. As in transformers, of two descriptions of one token the later holds. */
function specialTokens(config: TokenizerConfig): ReadonlyMap<string, TokenWithFlags> {
  const tokens = new Map<string, TokenWithFlags>();
  for (const name of Object.keys(defaultTokens) as NamedToken[]) {
    const token = config[name] ?? defaultTokens[name];
    const described = typeof token === 'string' ? { content: token, normalized: false } : token;
    tokens.set(described.content, described);
  }
  for (const token of Object.values(config.added_tokens_decoder ?? {})) {
    tokens.set(token.content, token);
  }
  return tokens;
}

function split(regex: string): object {
  return { type: 'Split', pattern: { Regex: regex }, behavior: 'Removed', invert: true };
}
