import { english } from '../../../src/base/phrase.ts';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readSafetensors } from '../../../src/base/safetensors.ts';
import type { RgbImage } from '../../../src/diffusion/png.ts';
import type { NounFinder, NounMask } from '../../../src/judge/nounFinder.ts';
import type { PerceptualNetwork } from '../../../src/judge/perceptual.ts';
import { regionCells } from '../../../src/spec/regions.ts';
import { centre, centreOfMass } from '../../../src/study/measures/centre.ts';
import { createMeasures } from '../../../src/study/measures/createMeasures.ts';
import { iou } from '../../../src/study/measures/iou.ts';
import type { Measure, RegionAt, Trial } from '../../../src/study/measures/measure.ts';
import { needsRegion, parseMeasure } from '../../../src/study/measures/measureName.ts';
import { mse } from '../../../src/study/measures/mse.ts';
import { ood } from '../../../src/study/measures/ood.ts';
import { composite, perceptual } from '../../../src/study/measures/perceptual.ts';
import { presence } from '../../../src/study/measures/presence.ts';
import { similarity } from '../../../src/study/measures/similarity.ts';
import { ssim, ssimMap } from '../../../src/study/measures/ssim.ts';
import { golden } from '../../support/scenes.ts';

type Parts = Record<'whole' | 'inside' | 'outside', number>;
const numbers = JSON.parse(await readFile(golden('measures.json'), 'utf8')) as { ssim: Parts; mse: Parts; centre: { x: number; y: number } };
const { tensors } = await readSafetensors(golden('measures.safetensors'));

function picture(name: string): RgbImage {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(name);
  return { height: tensor.shape[0], width: tensor.shape[1], data: tensor.data as Uint8Array };
}

const left: RegionAt = (height, width) => regionCells('left', height, width);
const nowhere: RegionAt = (height, width) => new Float32Array(height * width);
const trial = (parts: Partial<Trial> = {}): Trial => ({ picture: picture('b'), baseline: picture('a'), region: left, health: undefined, ...parts });
const parts = ['whole', 'inside', 'outside'] as const;

/** A judge that sees a mask drawn in the test, whatever the picture. */
function sees(rows: readonly string[]): NounFinder {
  const mask: NounMask = { height: rows.length, width: rows[0].length, data: Uint8Array.from(rows.join(''), (cell) => (cell === '#' ? 1 : 0)) };
  return { find: () => Promise.resolve(mask), close: () => Promise.resolve() };
}

describe('SSIM', () => {
  test.each(parts)('%s: as scikit-image with a Gaussian window', async (part) => {
    expect(await ssim(part).of(trial())).toBeCloseTo(numbers.ssim[part], 9);
  });

  test('its map is that of scikit-image, and 1 for equal pictures', async () => {
    const expected = tensors.get('ssimMap')?.data as Float64Array;
    const map = ssimMap(picture('a'), picture('b'));
    expect(map).toHaveLength(expected.length);
    expect(Math.max(...map.map((value, index) => Math.abs(value - expected[index])))).toBeLessThan(1e-9);
    expect(await ssim('whole').of(trial({ picture: picture('a') }))).toBeCloseTo(1, 12);
  });

  test('of nothing there is none', async () => {
    expect(await ssim('inside').of(trial({ region: nowhere }))).toBeNull();
    const small: RgbImage = { width: 10, height: 10, data: new Uint8Array(300) };
    expect(await ssim('whole').of(trial({ picture: small, baseline: small }))).toBeNull();
  });
});

test.each(parts)('mse, %s: as scikit-image', async (part) => {
  expect(await mse(part).of(trial())).toBeCloseTo(numbers.mse[part], 9);
});

describe('presence, IoU and centre', () => {
  test('presence needs one percent of the picture', async () => {
    const rows = (count: number): string[] => Array.from({ length: 10 }, (_, row) => '#'.repeat(row === 0 ? count : 0).padEnd(20, '.'));
    expect(await presence('house', sees(rows(1))).of(trial())).toBe(0);
    expect(await presence('house', sees(rows(2))).of(trial())).toBe(1);
  });

  test('IoU of a mask and the left half, by hand', async () => {
    // 4 cells on the left, 2 of them and 1 more are the house: 2 / 5
    expect(await iou('house', sees(['##..', '..#.'])).of(trial())).toBeCloseTo(2 / 5, 12);
    expect(await iou('house', sees(['....', '....'])).of(trial())).toBe(0);
  });

  test('the centre of mass is that of scipy, and lies in the region or not', async () => {
    const blob = tensors.get('blob');
    if (blob === undefined) throw new Error('no blob');
    const found = centreOfMass({ height: 10, width: 14, data: blob.data as Uint8Array });
    expect(found?.x).toBeCloseTo(numbers.centre.x, 12);
    expect(found?.y).toBeCloseTo(numbers.centre.y, 12);
    expect(await centre('house', sees(['##..', '..#.'])).of(trial())).toBe(1); // x = (0.5 + 1.5 + 2.5) / 3 / 4 = 0.375
    expect(await centre('house', sees(['#...', '..##'])).of(trial())).toBe(0); // x = (0.5 + 2.5 + 3.5) / 3 / 4 = 0.54
    expect(await centre('house', sees(['....', '....'])).of(trial())).toBe(0);
  });
});

describe('perceptual', () => {
  const network = (scalar: boolean): PerceptualNetwork => ({
    name: 'a network',
    close: () => Promise.resolve(),
    compare({ data, height, width }, other) {
      const map = Float32Array.from({ length: height * width }, (_, pixel) => Math.abs(data[pixel * 3] - other.data[pixel * 3]));
      return Promise.resolve(scalar ? { height: 1, width: 1, data: Float32Array.of(map.reduce((a, b) => a + b, 0)) } : { height, width, data: map });
    },
  });
  const reds = picture('a').data.map((value, index) => Math.abs(value - picture('b').data[index])).filter((_, index) => index % 3 === 0);
  const sumOf = (inside: boolean): number => reds.reduce((sum, value, pixel) => sum + (pixel % 48 < 24 === inside ? value : 0), 0);

  test('a part is the mean of the map over it', async () => {
    expect(await perceptual('inside', network(false)).of(trial())).toBeCloseTo(sumOf(true) / (24 * 40), 4);
    expect(await perceptual('outside', network(false)).of(trial())).toBeCloseTo(sumOf(false) / (24 * 40), 4);
    expect(await perceptual('inside', network(false)).of(trial({ region: nowhere }))).toBeNull();
  });

  test('with one number alone, a part is a picture of which only that part is edited', async () => {
    expect(await perceptual('inside', network(true)).of(trial())).toBe(sumOf(true));
    expect(await perceptual('outside', network(true)).of(trial())).toBe(sumOf(false));
    expect(await perceptual('whole', network(true)).of(trial())).toBe(sumOf(true) + sumOf(false));
    expect(await perceptual('inside', network(true)).of(trial({ region: nowhere }))).toBeNull();
  });

  test('a composite mixes by weight', () => {
    const one: RgbImage = { width: 2, height: 1, data: Uint8Array.of(200, 100, 0, 200, 100, 0) };
    const other: RgbImage = { width: 2, height: 1, data: Uint8Array.of(0, 0, 100, 0, 0, 100) };
    expect([...composite(one, other, Float32Array.of(1, 0.25)).data]).toEqual([200, 100, 0, 50, 25, 75]);
  });
});

test('clip is the gain in similarity to the text, which it names', async () => {
  const [a, b] = [picture('a'), picture('b')];
  const asked: string[] = [];
  const measure = similarity({ text: 'house', source: 'labels' }, {
    embedImage: (image) => Promise.resolve(image.data === a.data ? Float32Array.of(0.6, 0.8) : Float32Array.of(0.8, 0.6)),
    embedText(text) {
      asked.push(text);
      return Promise.resolve(Float32Array.of(1, 0));
    },
    close: () => Promise.resolve(),
  });
  expect(await measure.of({ ...trial(), picture: b, baseline: a })).toBeCloseTo(0.2, 6);
  expect(await measure.of({ ...trial(), picture: a, baseline: a })).toBe(0);
  expect(asked).toEqual(['house']);
  expect(english(measure.definition)).toContain('labels of the edits: "house"');
});

test('ood tells the share beyond 4 σ, and that of the unedited run', async () => {
  const measure: Measure = ood();
  const health = { norm: 1.2, beyond: 0.25, unedited: 0.001 };
  expect([await measure.of(trial({ health })), measure.unedited?.(trial({ health }))]).toEqual([0.25, 0.001]);
  expect(await measure.of(trial())).toBeNull();
});

test('names are taken apart, and those that need a region are known', () => {
  expect(parseMeasure('presence:red house')).toEqual({ kind: 'presence', noun: 'red house' });
  expect(parseMeasure('outside.perceptual')).toEqual({ kind: 'perceptual', part: 'outside' });
  expect(parseMeasure('ssim')).toEqual({ kind: 'ssim', part: 'whole' });
  expect(['iou:a', 'centre:a', 'inside.mse', 'presence:a', 'clip', 'ood', 'mse'].map(needsRegion)).toEqual([true, true, true, false, false, false, false]);
  expect(() => parseMeasure('sharpness')).toThrow(RangeError);
});

test('a measure without its network is a fault of ours', () => {
  const caption = { text: 'a', source: 'prompt' as const };
  expect([...createMeasures(['ssim', 'ood'], caption, undefined).keys()]).toEqual(['ssim', 'ood']);
  expect(() => createMeasures(['clip'], caption, undefined)).toThrow('clip');
});
