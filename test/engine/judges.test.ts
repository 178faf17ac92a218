import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readSafetensors } from '../../src/base/safetensors.ts';
import type { RgbImage } from '../../src/diffusion/png.ts';
import { loadDualEncoder } from '../../src/judge/dualEncoder.ts';
import { openJudgeFolder, readJudgeOffer } from '../../src/judge/judgeFolder.ts';
import { loadJudge } from '../../src/judge/judge.ts';
import { loadPerceptual } from '../../src/judge/perceptual.ts';
import { pictureTensor } from '../../src/judge/pictureTensor.ts';
import { resample } from '../../src/judge/resample.ts';
import { loadTextSegmenter } from '../../src/judge/textSegmenter.ts';
import { golden, scenesFolder } from '../support/scenes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const { tensors: goldens } = await readSafetensors(golden('judges/pictures.safetensors'));
const threads = { threads: 1 };

function pictureOf(name: string): RgbImage {
  const tensor = goldens.get(name);
  if (tensor === undefined) throw new Error(`no golden ${name}`);
  const [height, width] = tensor.shape;
  return { height, width, data: tensor.data as Uint8Array };
}

const wide = pictureOf('picture/wide');
const square = pictureOf('picture/square');

/** A fixture's judge beside the tokenizer that its text half was made for. */
async function fixture(name: string) {
  const folder = await temporaryFolder();
  await cp(golden(`judges/${name}`), join(folder, name), { recursive: true });
  await cp(join(scenesFolder, 'tokenizer'), join(folder, 'tokenizer'), { recursive: true });
  const { tensors } = await readSafetensors(golden(`judges/${name}/expected.safetensors`));
  return { judge: await openJudgeFolder(join(folder, name)), expected: (key: string) => tensors.get(key)?.data as Float32Array };
}

function greatest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

test('pictures are resized as Pillow does it, byte for byte', () => {
  const names = [...goldens.keys()].filter((name) => name.startsWith('resized/'));
  expect(names).toHaveLength(12);
  for (const name of names) {
    const [, picture, filter, size] = name.split('/');
    const [height, width] = size.split('x').map(Number);
    expect([...resample(pictureOf(`picture/${picture}`), height, width, filter as 'bicubic' | 'bilinear').data], name).toEqual([...pictureOf(name).data]);
  }
});

describe('CLIP, both halves in one exported file', () => {
  test('reads pictures as its own processor prepares them', async () => {
    const { judge, expected } = await fixture('clip');
    const format = judge.config.dual_encoder?.image.preprocessing;
    if (format === undefined) throw new Error('no preprocessing');
    expect(greatest(pictureTensor(wide, format, '').data, expected('pixels/wide'))).toBeLessThan(1e-6);
    expect(greatest(pictureTensor(square, format, '').data, expected('pixels/square'))).toBeLessThan(1e-6);
  });

  test('embeds pictures and captions as transformers does', async () => {
    const { judge, expected } = await fixture('clip');
    const encoder = await loadDualEncoder(judge, threads);
    for (const [name, picture] of [['wide', wide], ['square', square]] as const) {
      expect(greatest(await encoder.embedImage(picture), expected(`image/${name}`))).toBeLessThan(1e-4);
    }
    for (const text of ['a red house', 'blue tree']) expect(greatest(await encoder.embedText(text), expected(`text/${text}`))).toBeLessThan(1e-4);
    await encoder.close();
    expect(await readJudgeOffer(judge.folder)).toEqual({ nouns: [], similarity: true, perceptual: false });
  });
});

test('CLIPSeg finds what it is asked for: the sigmoid of its logits, cut', async () => {
  const { judge, expected } = await fixture('clipseg');
  const finder = await loadTextSegmenter(judge, threads);
  const { threshold } = judge.config.text_segmenter ?? { threshold: 0 };
  let decided = 0;
  for (const [name, picture] of [['wide', wide], ['square', square]] as const) {
    for (const text of ['a red house', 'blue tree']) {
      const logits = expected(`logits/${name}/${text}`);
      const { height, width, data } = await finder.find(picture, text);
      expect([height, width]).toEqual([16, 16]);
      for (const [cell, logit] of logits.entries()) {
        const probability = 1 / (1 + Math.exp(-logit));
        if (Math.abs(probability - threshold) < 1e-4) continue; // the reference itself is this exact
        expect(data[cell]).toBe(probability >= threshold ? 1 : 0);
        decided += data[cell];
      }
    }
  }
  expect(decided).toBeGreaterThan(100);
  expect(decided).toBeLessThan(900);
  await finder.close();
  expect(await readJudgeOffer(judge.folder)).toEqual({ nouns: 'any', similarity: false, perceptual: false });
});

describe('LPIPS', () => {
  const mirrored: RgbImage = { ...square, data: square.data.map((_, index) => {
    const [row, column, channel] = [Math.floor(index / 72), Math.floor(index / 3) % 24, index % 3];
    return square.data[row * 72 + (23 - column) * 3 + channel];
  }) };

  test.each([['lpips', 24], ['lpips-scalar', 1]])('%s agrees with the original', async (name, side) => {
    const { judge, expected } = await fixture(name);
    const network = await loadPerceptual(judge, threads);
    const { height, width, data } = await network.compare(square, mirrored);
    expect([height, width, network.name]).toEqual([side, side, 'LPIPS (thin, random)']);
    expect(greatest(data, expected('distance'))).toBeLessThan(1e-4);
    expect(Math.max(...(await network.compare(square, square)).data)).toBeLessThan(1e-9);
    await network.close();
  });
});

describe('the perceptual network of Scenes', () => {
  test('agrees with torch, is 0 for equal pictures, and grows with the distortion', async () => {
    const judge = await openJudgeFolder(join(scenesFolder, 'judge'));
    const network = await loadPerceptual(judge, threads);
    const sheet = decode(await readFile(golden('renderings.png'))).data as Uint8Array;
    const [first, second] = [0, 1].map((index): RgbImage => ({ width: 128, height: 128, data: sheet.subarray(index * 49152, (index + 1) * 49152) }));
    const next = await network.compare(first, second);
    expect([next.height, next.width]).toEqual([128, 128]);
    expect(greatest(next.data, goldens.get('distance/next')?.data as Float32Array)).toBeLessThan(1e-4);
    const mean = (data: Float32Array): number => data.reduce((a, b) => a + b, 0) / data.length;
    expect(mean((await network.compare(first, first)).data)).toBeLessThan(1e-6);
    let state = 1;
    const noise = Float32Array.from({ length: first.data.length }, () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5);
    let last = 0;
    for (const level of [8, 16, 32, 64, 128]) {
      const distorted = { ...first, data: Uint8Array.from(first.data, (value, index) => Math.min(255, Math.max(0, Math.round(value + level * noise[index])))) };
      const distance = mean((await network.compare(first, distorted)).data);
      expect(distance).toBeGreaterThan(last);
      last = distance;
    }
    expect(last).toBeLessThan(1);
    await network.close();
  });

  test('the labels of the SAEs still refer to this judge', async () => {
    const { hash, perceptualHash } = await openJudgeFolder(join(scenesFolder, 'judge'));
    const labels = JSON.parse(await readFile(join(scenesFolder, 'saes/mid_block.attentions.0/dmi-labels.json'), 'utf8')) as { judgeHash: string };
    expect(hash).toBe(labels.judgeHash);
    expect(perceptualHash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('the judge finds things, backgrounds and styles', async () => {
    const judge = await loadJudge(await openJudgeFolder(join(scenesFolder, 'judge')), { nouns: true, similarity: false, perceptual: false }, threads);
    const sheet = decode(await readFile(golden('renderings.png'))).data as Uint8Array;
    const picture: RgbImage = { width: 128, height: 128, data: sheet.subarray(0, 49152) };
    const [truth] = JSON.parse(await readFile(golden('renderings.json'), 'utf8')) as { background: string; style: string; things: { kind: string; colour: string }[] }[];
    const share = async (noun: string): Promise<number> => {
      const { data } = await judge.nouns?.find(picture, noun) ?? { data: new Uint8Array() };
      return data.reduce((a, b) => a + b, 0) / data.length;
    };
    expect(await share(truth.style)).toBe(1);
    expect(await share(truth.background)).toBeGreaterThan(0.3);
    expect(await share(truth.things[0].kind)).toBeGreaterThan(0.01);
    expect(await share(`${truth.things[0].colour} ${truth.things[0].kind}`)).toBe(await share(truth.things[0].kind));
    expect(await share(truth.background === 'snow' ? 'night' : 'snow')).toBe(0);
    await judge.close();
  });
});
