import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { loadTokenizer } from '../../../src/diffusion/tokenizer.ts';
import { samplingGoldens } from '../../support/samplingGoldens.ts';
import { golden, scenesFolder } from '../../support/scenes.ts';

let folder: string;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'dmi-tokenizer-')); });
afterAll(async () => { await rm(folder, { recursive: true }); });

/** A copy of Scenes' tokenizer with some files rewritten; null removes one. */
async function variant(name: string, files: Record<string, string | null>): Promise<string> {
  const copy = join(folder, name);
  await cp(join(scenesFolder, 'tokenizer'), copy, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    await (text === null ? rm(join(copy, file)) : writeFile(join(copy, file), text));
  }
  return copy;
}

async function scenesConfig(): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(scenesFolder, 'tokenizer', 'tokenizer_config.json'), 'utf8')) as Record<string, unknown>;
}

describe('the tokenizer', () => {
  it('gives the ids of transformers\' CLIPTokenizer, padded and cut', async () => {
    const { tokens } = await samplingGoldens();
    const tokenizer = await loadTokenizer(join(scenesFolder, 'tokenizer'));
    expect(tokens.texts.length).toBeGreaterThanOrEqual(60);
    tokens.texts.forEach((text, i) => {
      expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(tokens.ids[i]);
    });
  });

  it('gives the same ids to texts of every script, composed or not, with invisible and control characters', async () => {
    const cases = JSON.parse(await readFile(golden('tokenizer.json'), 'utf8')) as [text: string, ids: number[]][];
    const tokenizer = await loadTokenizer(join(scenesFolder, 'tokenizer'));
    expect(cases.length).toBeGreaterThan(400);
    for (const [text, ids] of cases) expect(tokenizer.ids(text), JSON.stringify(text)).toEqual(ids);
  });

  it('pads with the configured token, which then is found in the text too', async () => {
    const { tokens } = await samplingGoldens();
    const map = { ...JSON.parse(await readFile(join(scenesFolder, 'tokenizer', 'special_tokens_map.json'), 'utf8')) as object, pad_token: '!' };
    const tokenizer = await loadTokenizer(await variant('bang', { 'special_tokens_map.json': JSON.stringify(map) }));
    tokens.texts.forEach((text, i) => {
      expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(tokens.idsPaddedWithBang[i]);
    });
  });

  it.each<[string, (merge: string) => string | string[]]>([['pairs', (merge) => merge.split(' ')], ['lines', (merge) => merge]])('reads tokenizer.json where transformers 5 wrote nothing else, its merges as %s', async (name, written) => {
    const { tokens } = await samplingGoldens();
    const read = (file: string): Promise<string> => readFile(join(scenesFolder, 'tokenizer', file), 'utf8');
    const vocab = JSON.parse(await read('vocab.json')) as Record<string, number>;
    const merges = (await read('merges.txt')).trimEnd().split('\n').slice(1).map((merge) => written(merge));
    const added = ['<|startoftext|>', '<|endoftext|>'].map((content) => ({ content, id: vocab[content], single_word: false, lstrip: false, rstrip: false, normalized: content === '<|startoftext|>', special: true }));
    const tokenizer = await loadTokenizer(await variant(`whole ${name}`, {
      'vocab.json': null, 'merges.txt': null, 'special_tokens_map.json': null, 'tokenizer.json': JSON.stringify({ version: '1.0', added_tokens: added, model: { type: 'BPE', vocab, merges } }),
    }));
    tokens.texts.forEach((text, i) => {
      expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(tokens.ids[i]);
    });
  });

  it('reads a vocabulary as large as that of CLIP', async () => {
    const vocab = JSON.parse(await readFile(join(scenesFolder, 'tokenizer', 'vocab.json'), 'utf8')) as Record<string, number>;
    const many = Object.fromEntries(Array.from({ length: 49_408 }, (_, index) => [`token number ${index}`, 1000 + index]));
    const tokenizer = await loadTokenizer(await variant('large', { 'vocab.json': JSON.stringify({ ...vocab, ...many }, undefined, 1) }));
    expect(tokenizer.ids('a')).toHaveLength(3);
  });

  it('leaves ids unpadded on request and cuts long prompts before the end token', async () => {
    const tokenizer = await loadTokenizer(join(scenesFolder, 'tokenizer'));
    const short = tokenizer.ids('a');
    const long = tokenizer.ids('a '.repeat(500));
    expect(short).toHaveLength(3);
    expect(long).toHaveLength(tokenizer.maxLength);
    expect(long.at(-1)).toBe(short.at(-1));
  });

  it.each<[string, Record<string, string | null>, string, RegExp]>([
    ['no merges', { 'merges.txt': null }, 'merges.txt', /no such file/],
    ['a tokenizer.json without merges', { 'vocab.json': null, 'tokenizer.json': '{"model": {"vocab": {}}}' }, 'tokenizer.json', /merges/],
    ['a broken merge in tokenizer.json', { 'vocab.json': null, 'tokenizer.json': '{"model": {"vocab": {}, "merges": ["a b", "ab"]}}' }, 'tokenizer.json', /merges\/1/],
    ['a broken merge', { 'merges.txt': '#version: 0.2\na b\na b c\n' }, 'merges.txt', /line 3/],
    ['a vocabulary that is not JSON', { 'vocab.json': '{"a": 1,' }, 'vocab.json', /1:9/],
    ['an id that is not a number', { 'vocab.json': '{"a": "1"}' }, 'vocab.json', /\/a/],
    ['no start token in the vocabulary', { 'vocab.json': '{"a": 1}' }, 'tokenizer_config.json', /bos_token/],
    ['a special token of a wrong type', { 'special_tokens_map.json': '{"pad_token": 3}' }, 'special_tokens_map.json', /pad_token/],
  ])('refuses %s', async (name, files, file, text) => {
    const error: unknown = await loadTokenizer(await variant(name, files)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).file).toContain(file);
    expect((error as InputError).describe()).toMatch(text);
  });

  it('refuses a folder that is not there', async () => {
    await expect(loadTokenizer(join(folder, 'nowhere'))).rejects.toThrow(InputError);
  });

  it('refuses a configuration that does not say how long prompts are', async () => {
    const config = JSON.stringify({ ...await scenesConfig(), model_max_length: 1e30 });
    const folder = await variant('endless', { 'tokenizer_config.json': config });
    await expect(loadTokenizer(folder)).rejects.toThrow(InputError);
    expect((await loadTokenizer(folder, 32)).encode('a house')).toHaveLength(32);
  });
});
