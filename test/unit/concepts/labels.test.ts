import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bestLabel } from '../../../src/concepts/labelling/bestLabel.ts';
import { encodeLabels } from '../../../src/concepts/labelling/encodeLabels.ts';
import { labelCard } from '../../../src/concepts/labelling/labelCard.ts';
import { cohesionAndSeparability, monosemanticity } from '../../../src/concepts/labelling/labelQuality.ts';
import { loadLabels, removeForeignLabels, type ConceptLabel, type LabelsFile } from '../../../src/concepts/labels.ts';

const mask = (label: string, iou: number, over: Partial<ConceptLabel> = {}): ConceptLabel =>
  ({ label, kind: 'mask', iou, n: 9, of: 10, steps: 'early', firstStep: 2, ...over });
const attribute = (label: string, auroc: number): ConceptLabel => ({ label, kind: 'attribute', auroc, n: 9, of: 10, steps: 'late', firstStep: null });
const part = (label: string, inside: number): ConceptLabel => ({ label, kind: 'part', inside, n: 6, of: 10, steps: 'middle', firstStep: 3 });
const place: ConceptLabel = { label: 'top-left', kind: 'place', inside: 0.95, n: 12, of: 20, steps: 'middle', firstStep: 4 };

const nothing = { value: null, chance: null, n: 0 };
const labels: LabelsFile = {
  format: 1, site: 'mid_block.attentions.0', judgeHash: 'j', modelHash: 'm', saeHash: 's', images: 20,
  sample: { scheduler: 'ddim', steps: 30, guidanceScale: 5, seeds: [0, 19] },
  prompts: ['a red house'], definition: 'as told',
  vocabulary: { things: ['house', 'tree'], colours: ['red'], backgrounds: ['snow'], styles: ['sketch'] },
  given: { mask: 4, part: 1, attribute: 1 }, givenByChance: { mask: 0, part: 0, attribute: 0 },
  quality: {
    monosemanticity: { value: 0.4, chance: 0.2, n: 3 },
    cohesion: { early: nothing, middle: nothing, late: nothing }, separability: { early: nothing, middle: nothing, late: nothing },
  },
  concepts: {
    2: { label: 'red house, top-left', labels: [mask('house', 0.71), mask('red house', 0.7), place], contextFree: false },
    10: { label: 'house', labels: [mask('house', 0.6, { n: 2 }), mask('house', 0.55, { steps: 'late', n: 2 })], contextFree: false },
    11: { label: 'part of tree', labels: [part('tree', 0.8)], contextFree: false },
    300: { label: 'snow', labels: [attribute('snow', 0.93)], contextFree: false },
    7: { label: null, labels: [], contextFree: true },
  },
};

describe('the best label', () => {
  test.each([
    ['no labels', [], null],
    ['the more exact of two that fit alike', [mask('house', 0.74), mask('red house', 0.7)], 'red house'],
    ['the more general where it fits clearly better', [mask('house', 0.9), mask('red house', 0.6)], 'house'],
    ['a thing before an attribute', [attribute('snow', 0.99), mask('house', 0.51)], 'house'],
    ['with the place it keeps to', [place, mask('house', 0.51)], 'house, top-left'],
    ['the whole before a part of another', [part('tree', 0.9), mask('house', 0.51)], 'house'],
    ['a part, by its most exact name', [part('tree', 0.62), part('red tree', 0.6)], 'part of red tree'],
    ['a place alone', [place, { ...place, label: 'left', inside: 0.99 }], 'top-left'],
  ])('%s', (_, given, wanted) => { expect(bestLabel(given)).toBe(wanted); });
});

describe('dmi-labels.json', () => {
  let folder: string;
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'dmi-labels-')); });
  afterEach(async () => { await rm(folder, { recursive: true }); });
  const write = (text: string) => writeFile(join(folder, 'dmi-labels.json'), text);

  test('what is written is read back', async () => {
    await write(encodeLabels(labels));
    const table = await loadLabels({ folder, hash: 's', n: 301 });
    expect(table?.file).toEqual(labels);
    expect(table?.idsOf('house')).toEqual([2, 10]);
    expect(table?.idsOf('tree')).toEqual([11]);
    expect(table?.idsOf('red house, top-left')).toEqual([2]);
    expect(table?.idsOf('boat')).toEqual([]);
    expect(table?.best(300)).toBe('snow');
    expect(table?.best(7)).toBeUndefined();
    expect([table?.contextFree(7), table?.contextFree(2)]).toEqual([true, false]);
    expect(table?.all()).toEqual(['house', 'part of tree', 'red house', 'red house, top-left', 'snow', 'top-left', 'tree']);
  });

  test('an SAE without the file has no labels', async () => {
    expect(await loadLabels({ folder, hash: 's', n: 301 })).toBeUndefined();
  });

  test('labels of another SAE are refused', async () => {
    await write(encodeLabels(labels));
    await expect(loadLabels({ folder, hash: 'another', n: 301 })).rejects.toMatchObject({ place: '/saeHash', file: join(folder, 'dmi-labels.json') });
  });

  test('labels of another SAE are removed on demand, its own are kept', async () => {
    await write(encodeLabels(labels));
    expect(await removeForeignLabels({ folder, hash: 's' })).toBe(false);
    expect(await loadLabels({ folder, hash: 's', n: 301 })).toBeDefined();
    expect(await removeForeignLabels({ folder, hash: 'another' })).toBe(true);
    expect(await loadLabels({ folder, hash: 'another', n: 301 })).toBeUndefined();
    expect(await removeForeignLabels({ folder, hash: 'another' })).toBe(false);
  });

  test('a concept beyond the SAE is refused', async () => {
    await write(encodeLabels(labels));
    await expect(loadLabels({ folder, hash: 's', n: 300 })).rejects.toMatchObject({ place: '/concepts/300' });
  });

  test.each([
    ['truncated', encodeLabels(labels).slice(0, -4), /^\d+:\d+$/],
    ['not labels', '[]', /^$/],
    ['a concept that is no number', encodeLabels({ ...labels, concepts: { house: { label: 'house', labels: [], contextFree: false } } }), /concepts/],
    ['a kind we do not know', encodeLabels(labels).replace('"kind":"mask"', '"kind":"guess"'), /^\/concepts\/2\/labels\/0/],
    ['an IoU beyond 1', encodeLabels(labels).replace('"iou":0.71', '"iou":71'), /^\/concepts\/2\/labels\/0\/iou$/],
    ['a prototype', encodeLabels(labels).replace('"format": 1', '"__proto__": {"format": 1}'), /^$/],
  ])('%s is refused at its place', async (_, text, where) => {
    await write(text);
    const error: unknown = await loadLabels({ folder, hash: 's', n: 301 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'InputError', file: join(folder, 'dmi-labels.json') });
    expect((error as { place: string }).place).toMatch(where);
  });
});

test('the card says what has a concept of its own, and what has none', () => {
  const card = labelCard([labels]);
  expect(card).toContain('\n| house | 2 | mid_block.attentions.0 | IoU 0.71 | 9/10 | early | 2 | 1 | 0 |\n');
  expect(card).toContain('\n| tree | 11 | mid_block.attentions.0 | inside 0.80 | 6/10 | middle | 3 | 0 | 1 |\n');
  expect(card).toContain('\n| red | none | | | | | | 0 | 0 |\n');
  expect(card).toContain('\n| snow | 300 | mid_block.attentions.0 | AUROC 0.93 | 9/10 | late | none alone | 1 | 0 |\n');
  expect(card).toContain('mid_block.attentions.0 1.');
});

describe('quality of labels', () => {
  const unit = (...values: number[]) => Float32Array.from(values, (value) => value / Math.hypot(...values));
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, index) => sum + value * b[index], 0);

  test('monosemanticity equals the double sum of its definition', () => {
    const embeddings = [unit(1, 0), unit(1, 1), unit(0, 1), unit(1, 2), unit(3, 1), unit(-1, 1)];
    const strength = [[5, 4, 3, 2, 1, 6], [1, 0, 2, 0, 3, 0]]; // the second is active in too few pictures
    const active = embeddings.map((_, picture) => {
      const ids = [0, 1].filter((id) => strength[id][picture] > 0);
      return { ids: Uint32Array.from(ids), gamma: Float32Array.from(ids, (id) => strength[id][picture]), peak: new Float32Array(2), cells: new Uint32Array(2) };
    });
    const site = { site: 's', height: 1, width: 1, n: 2, active: [active], strong: [active], masks: [], attributes: [] };
    const a = strength[0].map((value) => (value - 1) / 5);
    let [weighted, weights, plain, pairs] = [0, 0, 0, 0];
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) {
        if (i === j) continue;
        weighted += a[i] * a[j] * dot(embeddings[i], embeddings[j]);
        weights += a[i] * a[j];
        plain += dot(embeddings[i], embeddings[j]);
        pairs += 1;
      }
    }
    const { value, chance, n } = monosemanticity(site, embeddings);
    expect(value).toBeCloseTo(weighted / weights, 5);
    expect(chance).toBeCloseTo(plain / pairs, 5);
    expect(n).toBe(1);
  });

  test('cohesion and separability from vectors one can check by hand', () => {
    const vectors = new Map([['a', unit(1, 0)], ['b', unit(0, 1)], ['c', unit(1, 1)]]);
    const concept = (...names: string[]) => ({ label: null, labels: names.map((name) => mask(name, 0.6)), contextFree: false });
    const { cohesion, separability } = cohesionAndSeparability([concept('a', 'c'), concept('b'), concept()], 'early', (label) => vectors.get(label) ?? unit(1));
    expect(cohesion.value).toBeCloseTo(Math.SQRT1_2, 5);
    expect(cohesion.chance).toBeCloseTo((2 * Math.SQRT1_2) / 3, 5);
    expect(separability.value).toBeCloseTo(1 - Math.cos(67.5 * Math.PI / 180), 5);
    expect([cohesion.n, separability.n]).toEqual([1, 2]);
    expect(cohesionAndSeparability([concept('a')], 'late', () => unit(1)).cohesion).toEqual({ value: null, chance: null, n: 0 });
  });
});
