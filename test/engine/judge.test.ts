import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import * as Type from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkShape } from '../../src/base/checkShape.ts';
import { readJsonFile } from '../../src/base/jsonFile.ts';
import type { RgbImage } from '../../src/diffusion/png.ts';
import { cosine, loadDualEncoder, type DualEncoder } from '../../src/judge/dualEncoder.ts';
import { openJudgeFolder } from '../../src/judge/judgeFolder.ts';
import { loadSegmenter, type Segmentation, type Segmenter } from '../../src/judge/segmenter.ts';
import { golden, scenesFolder } from '../support/scenes.ts';

const truthShape = Type.Array(Type.Object({
  background: Type.String(), style: Type.String(), caption: Type.String(),
  things: Type.Array(Type.Object({ kind: Type.String(), colour: Type.String() })),
}));

const side = 128;
const [pixels, classes] = await Promise.all(['renderings.png', 'renderings-things.png'].map(async (name) => decode(await readFile(golden(name))).data as Uint8Array));
const truth = checkShape(truthShape, await readJsonFile(golden('renderings.json')), 'renderings.json', '');
const pictures = truth.map((_, index): RgbImage => ({ width: side, height: side, data: pixels.subarray(index * side * side * 3, (index + 1) * side * side * 3) }));

const judge = await openJudgeFolder(join(scenesFolder, 'judge'));
let segmenter: Segmenter;
let encoder: DualEncoder;
let seen: Segmentation[];

beforeAll(async () => {
  segmenter = await loadSegmenter(judge, { threads: 1 });
  encoder = await loadDualEncoder(judge, { threads: 1 });
  seen = [];
  for (const picture of pictures) seen.push(await segmenter.segment(picture));
});
afterAll(async () => {
  await segmenter.close();
  await encoder.close();
});

describe('the judge of Scenes, on renderings it has never seen', () => {
  test('knows the thing at each pixel', () => {
    const guessed = seen.flatMap((segmentation) => [...segmentation.classes]);
    const right = guessed.filter((value, pixel) => value === classes[pixel]).length;
    expect(right / classes.length).toBeGreaterThanOrEqual(0.98);
    // Over all classes, "no thing" among them, as on the card.
    const ious = ['none', ...judge.vocabulary?.things ?? []].map((_, value) => {
      const both = guessed.filter((guess, pixel) => guess === value && classes[pixel] === value).length;
      const either = guessed.filter((guess, pixel) => guess === value || classes[pixel] === value).length;
      return both / either;
    });
    expect(ious.reduce((a, b) => a + b, 0) / ious.length).toBeGreaterThanOrEqual(0.9);
  });

  test('knows colours, backgrounds and styles', () => {
    for (const [index, { background, style, things }] of truth.entries()) {
      expect(seen[index]).toMatchObject({ background, style });
      for (const { kind, colour } of things) expect(`${seen[index].colours.get(kind) ?? 'no'} ${kind}`).toBe(`${colour} ${kind}`);
    }
  });

  test('tells which caption belongs to which picture', async () => {
    const captions: Float32Array[] = [];
    for (const { caption } of truth) captions.push(await encoder.embedText(caption));
    let right = 0;
    for (const [index, picture] of pictures.entries()) {
      const embedding = await encoder.embedImage(picture);
      expect(cosine(embedding, embedding)).toBeCloseTo(1, 5);
      const similarities = captions.map((caption) => cosine(embedding, caption));
      if (similarities.indexOf(Math.max(...similarities)) === index) right += 1;
    }
    expect(right).toBeGreaterThanOrEqual(11);
  });
});

test('a picture of another size is refused', async () => {
  await expect(segmenter.segment({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) })).rejects.toThrow('128x128, not 64x64');
});

test('a network that lacks what judge.json promises is refused', async () => {
  const files = { ...judge.files, segmenter: judge.files.dualEncoder?.image };
  await expect(loadSegmenter({ ...judge, files })).rejects.toThrow('thing_logits');
});
