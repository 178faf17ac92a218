import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { openJudgeFolder } from '../../../src/judge/judgeFolder.ts';
import { GraphBuilder } from '../../../src/onnx/graphBuilder.ts';

const description = {
  image: { size: [4, 4], layout: 'NCHW', channels: 'RGB', range: [0, 1] },
  segmenter: {
    model: 'segmenter.onnx', input: 'image',
    outputs: {
      thing_logits: { vocabulary: ['none', 'house'] }, colour_logits: { vocabulary: ['none', 'red', 'blue'] },
      background_logits: { vocabulary: ['meadow', 'snow'] }, style_logits: { vocabulary: ['plain'] },
    },
  },
  dual_encoder: {
    image: { model: 'image.onnx', input: 'image', output: 'embedding' },
    text: { model: 'text.onnx', input: 'input_ids', output: 'embedding', tokenizer: '../tokenizer' },
  },
};

let root: string;
let judge: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dmi-judge-'));
  judge = join(root, 'model', 'judge');
  await mkdir(judge, { recursive: true });
  await mkdir(join(root, 'model', 'tokenizer'));
  for (const file of ['segmenter.onnx', 'image.onnx', 'text.onnx']) await writeFile(join(judge, file), file);
});
afterEach(async () => { await rm(root, { recursive: true }); });

async function open(config: unknown) {
  await writeFile(join(judge, 'judge.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return openJudgeFolder(judge);
}

async function faultOf(config: unknown): Promise<InputError> {
  const error: unknown = await open(config).then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

describe('a judge folder', () => {
  test('tells the words without "none", and where its networks are', async () => {
    const { vocabulary, files, hash } = await open(description);
    expect(vocabulary).toEqual({ things: ['house'], colours: ['red', 'blue'], backgrounds: ['meadow', 'snow'], styles: ['plain'] });
    expect(files.segmenter?.endsWith(join('judge', 'segmenter.onnx'))).toBe(true);
    expect(files.dualEncoder?.tokenizer.endsWith(join('model', 'tokenizer'))).toBe(true);
    await writeFile(join(judge, 'segmenter.onnx'), 'other weights');
    expect((await open(description)).hash).not.toBe(hash);
  });

  test('is another one when weights beside its networks change', async () => {
    const graph = new GraphBuilder({ opset: 17 });
    graph.external(1, [4], 'weights.bin', 0, 16, 'w');
    const network = graph.build();
    for (const file of ['segmenter.onnx', 'perceptual.onnx']) await writeFile(join(judge, file), network);
    await writeFile(join(judge, 'weights.bin'), new Uint8Array(16));
    const perceptual = { model: 'perceptual.onnx', inputs: ['a', 'b'], output: 'd', name: 'LPIPS' };
    const before = await open({ ...description, perceptual });
    expect(await open({ ...description, perceptual })).toMatchObject({ hash: before.hash, perceptualHash: before.perceptualHash });
    await writeFile(join(judge, 'weights.bin'), new Uint8Array(16).fill(1));
    const after = await open({ ...description, perceptual });
    expect(after.hash).not.toBe(before.hash);
    expect(after.perceptualHash).not.toBe(before.perceptualHash);
    await rm(join(judge, 'weights.bin'));
    expect((await faultOf(description)).describe()).toContain('weights.bin');
  });

  test('without judge.json, or without a network, names the missing file', async () => {
    await expect(openJudgeFolder(judge)).rejects.toMatchObject({ file: join(judge, 'judge.json') });
    await rm(join(judge, 'image.onnx'));
    expect((await faultOf(description)).file).toContain('image.onnx');
  });

  test.each([
    ['truncated', '{"image": {', '1:12'],
    ['another layout', { ...description, image: { ...description.image, layout: 'CHWN' } }, '/image/layout'],
    ['no words', { ...description, segmenter: { ...description.segmenter, outputs: { ...description.segmenter.outputs, thing_logits: { vocabulary: ['none'] } } } }, '/segmenter/outputs/thing_logits/vocabulary'],
    ['a list', [], ''],
  ])('%s is refused at its place', async (_, config, place) => {
    const error = await faultOf(config);
    expect(error.place).toBe(place);
    expect(error.describe()).toContain('judge.json');
  });

  test.each(['../../outside.onnx', '../outside.onnx', 'link.onnx'])('a network at %s leaves the folder', async (model) => {
    await writeFile(join(root, 'outside.onnx'), '');
    await symlink(join(root, 'outside.onnx'), join(judge, 'link.onnx'));
    const error = await faultOf({ ...description, segmenter: { ...description.segmenter, model } });
    expect(error.message).toContain('leaves the folder');
  });

  test('a tokenizer lies inside the model', async () => {
    await mkdir(join(root, 'tokenizer'));
    const text = { ...description.dual_encoder.text, tokenizer: '../../tokenizer' };
    expect((await faultOf({ ...description, dual_encoder: { ...description.dual_encoder, text } })).message).toContain('leaves the folder');
  });
});
