import { describe, expect, test } from 'vitest';
import { activeConcepts, keepStrong } from '../../../src/concepts/labelling/activeConcepts.ts';
import { attributeEvidence } from '../../../src/concepts/labelling/attributeEvidence.ts';
import { replicate } from '../../../src/concepts/labelling/halves.ts';
import { labelSite } from '../../../src/concepts/labelling/labelSite.ts';
import { maskEvidence, partEvidence } from '../../../src/concepts/labelling/maskEvidence.ts';
import { maskOnCells, type ObservedSite } from '../../../src/concepts/labelling/observedSite.ts';
import { stretchesOf } from '../../../src/concepts/labelling/stretches.ts';

const [side, k, pictures, n] = [6, 4, 24, 9];
const cells = side * side;
const times = [0.9, 0.7, 0.5, 0.1];
const steps = times.length;

/** Concepts with a meaning that is known because the test gives it to them. */
const house = 0;
const redHouse = 1;
const snow = 2;
const corner = 3;
const lateHouse = 4;
const anywhere = 5;
const faint = 6;
const roof = 7;

let state = 1;
/** Park and Miller's generator: a source of noise that owes nothing to the code under test. */
function uniform(): number {
  state = (state * 48271) % 2147483647;
  return state / 2147483647;
}

interface Scene {
  readonly house: boolean;
  readonly red: boolean;
  readonly snow: boolean;
  /** [cells] */
  readonly mask: Uint8Array;
  /** [cells]: the upper third of the mask. */
  readonly top: Uint8Array;
}

const scenes: Scene[] = Array.from({ length: pictures }, (_, index) => {
  const mask = new Uint8Array(cells);
  const [row, column] = [Math.floor(uniform() * 4), Math.floor(uniform() * 4)];
  for (const [down, across] of [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]]) mask[(row + down) * side + column + across] = 1;
  const top = mask.map((bit, cell) => (Math.floor(cell / side) === row ? bit : 0));
  return { house: index % 3 !== 2, red: index % 2 === 0, snow: index % 4 < 2, mask, top };
});

/** z of every picture, step, cell and concept. */
const dense = scenes.map((scene) => Array.from({ length: steps }, (_, step) => Array.from({ length: cells }, (_unused, cell) => {
  const z = new Float32Array(n);
  const inHouse = scene.house && scene.mask[cell] === 1;
  if (inHouse) z[house] = 1 + uniform();
  if (inHouse && scene.red) z[redHouse] = 2 + uniform();
  if (inHouse && step >= 2) z[lateHouse] = 1 + uniform();
  if (scene.snow) z[snow] = 0.5 + 0.1 * uniform();
  if (cell === 0 || cell === 1) z[corner] = 1.5 + 0.1 * uniform();
  if (uniform() < 0.1) z[anywhere] = uniform();
  if (scene.house && scene.top[cell] === 1) z[roof] = 3;
  // Strong on red houses, and everywhere else a trace of 5 % that must not count.
  z[faint] = inHouse && scene.red ? 2 : cell === 20 && !(scene.house && scene.red) ? 0.1 : 0;
  return z;
})));

const attributes = scenes.map((scene) => new Set([scene.snow ? 'snow' : 'meadow']));
const masks = scenes.map(({ house: there, red, mask }) => {
  const packed = maskOnCells(mask, side, side, side, side);
  return new Map(there && packed !== undefined ? [['house', packed], [red ? 'red' : 'blue', packed], [red ? 'red house' : 'blue house', packed]] : []);
});

/** The TopK codes of a picture at a step, as an SAE in the U-Net gives them. */
function codes(map: readonly Float32Array[]): { indices: BigInt64Array; values: Float32Array } {
  const top = map.map((z) => Array.from(z, (value, id) => ({ value, id })).sort((a, b) => b.value - a.value).slice(0, k));
  return { indices: BigInt64Array.from(top.flat(), ({ id }) => BigInt(id)), values: Float32Array.from(top.flat(), ({ value }) => value) };
}

const active = Array.from({ length: steps }, (_, step) => dense.map((picture) => {
  const { indices, values } = codes(picture[step]);
  return activeConcepts(indices, values, n, cells);
}));
const site: ObservedSite = {
  site: 'mid_block.attentions.0', height: side, width: side, n, masks, attributes, active, strong: active.map((ofPictures) => keepStrong(ofPictures, n)),
};

/** The TopK codes as dense maps [pictures][steps][n][cells]: what the brute force works on. */
const maps = dense.map((picture) => picture.map((map) => {
  const { indices, values } = codes(map);
  const byConcept = Array.from({ length: n }, () => new Float32Array(cells));
  indices.forEach((id, entry) => { byConcept[Number(id)][Math.floor(entry / k)] = values[entry]; });
  return byConcept;
}));

/** Mean IoU, or mean share inside, over the pictures and steps in which a concept reaches half of its strongest cell at that step, written out. */
function bruteOverlap(id: number, rows: readonly number[], label: (scene: Scene) => boolean, measure: 'iou' | 'inside'): number {
  const overlaps: number[] = [];
  for (const step of rows) {
    const strongest = Math.max(...maps.flatMap((picture) => [...picture[step][id]]));
    for (const [index, scene] of scenes.entries()) {
      const map = maps[index][step][id];
      const max = Math.max(...map);
      if (max === 0 || max < 0.5 * strongest) continue;
      const min = Math.min(...map);
      const taken = Array.from(map, (z) => max === min || (z - min) / (max - min) >= 0.1);
      const inMask = Array.from(scene.mask, (bit) => bit === 1 && label(scene));
      const both = taken.filter((isTaken, cell) => isTaken && inMask[cell]).length;
      overlaps.push(both / taken.filter((isTaken, cell) => isTaken || (measure === 'iou' && inMask[cell])).length);
    }
  }
  return overlaps.reduce((sum, overlap) => sum + overlap, 0) / overlaps.length;
}

/** AUROC by comparing every pair of pictures. */
function bruteAuroc(id: number, rows: readonly number[]): number {
  const strength = maps.map((picture) => rows.reduce((sum, step) => sum + picture[step][id].reduce((a, b) => a + b, 0), 0));
  let [wins, pairs] = [0, 0];
  for (const [index, scene] of scenes.entries()) {
    for (const [other, otherScene] of scenes.entries()) {
      if (!scene.snow || otherScene.snow) continue;
      pairs += 1;
      wins += strength[index] > strength[other] ? 1 : strength[index] === strength[other] ? 0.5 : 0;
    }
  }
  return wins / pairs;
}

describe('labels of planted concepts', () => {
  const found = labelSite(site, stretchesOf(times));
  const labelsOf = (id: number) => found.concepts.get(id)?.labels ?? [];
  const names = (id: number, kind: string) => [...new Set(labelsOf(id).filter((label) => label.kind === kind).map(({ label }) => label))].sort();

  test('scores equal a brute force over dense maps', () => {
    const rows = [0, 1];
    const wanted: [string, (scene: Scene) => boolean][] = [
      ['house', (scene) => scene.house], ['red', (scene) => scene.house && scene.red], ['red house', (scene) => scene.house && scene.red],
      ['blue', (scene) => scene.house && !scene.red], ['blue house', (scene) => scene.house && !scene.red],
    ];
    for (const [measure, evidence] of [['iou', maskEvidence], ['inside', partEvidence]] as const) {
      const scores = new Map(evidence(site, rows).map(({ id, label, score }) => [`${id} ${label}`, score]));
      let above = 0;
      for (let id = 0; id < n; id++) {
        for (const [label, isTrue] of wanted) {
          const overlap = bruteOverlap(id, rows, isTrue, measure);
          if (overlap > 0.5) above += 1;
          expect(scores.get(`${id} ${label}`) ?? 0, `concept ${id}, ${label}, ${measure}`).toBeCloseTo(overlap > 0.5 ? overlap : 0, 6);
        }
      }
      expect(above).toBe(scores.size);
      expect(above).toBeGreaterThan(3);
    }
    const [told] = attributeEvidence(site, rows).filter(({ id, label }) => id === snow && label === 'snow');
    expect(told.score).toBeCloseTo(bruteAuroc(snow, rows), 6);
  });

  test('each concept gets its meaning and nothing else', () => {
    expect(found.concepts.get(house)?.label).toBe('house');
    expect(found.concepts.get(redHouse)?.label).toBe('red house');
    expect(names(snow, 'attribute')).toEqual(['snow']);
    expect(names(corner, 'place')).toEqual(['left', 'top', 'top-left']);
    expect(labelsOf(anywhere)).toEqual([]);
  });

  test('a roof is a part of a house, not a house', () => {
    expect(names(roof, 'mask')).toEqual([]);
    expect(found.concepts.get(roof)?.label).toBe('part of house');
    expect(names(house, 'part')).not.toContain('house');
  });

  test('n and of count pictures', () => {
    const label = labelsOf(redHouse).find((given) => given.label === 'red' && given.steps === 'early');
    const red = scenes.filter((scene) => scene.house && scene.red).length;
    expect(label).toMatchObject({ n: red, of: red, kind: 'mask' });
  });

  test('a label that appears later says from which step on', () => {
    expect(labelsOf(lateHouse).find(({ label }) => label === 'house')).toMatchObject({ firstStep: 2, steps: 'middle' });
    expect(labelsOf(lateHouse).some(({ steps: stretch }) => stretch === 'early')).toBe(false);
    expect(labelsOf(house).find(({ label }) => label === 'house')).toMatchObject({ firstStep: 0, steps: 'early' });
  });

  test('a trace of activity elsewhere does not take a meaning away', () => {
    expect(found.concepts.get(faint)?.label).toBe('red house');
  });

  test('only what is the same in every picture is context-free', () => {
    expect([...found.concepts].filter(([, { contextFree }]) => contextFree).map(([id]) => id)).toEqual([corner]);
  });

  test('with the labels of other pictures almost nothing is left', () => {
    expect(found.given.mask).toBeGreaterThan(10);
    expect(found.givenByChance.mask).toBe(0);
    expect(found.givenByChance.part).toBeLessThanOrEqual(1);
    expect(found.givenByChance.attribute).toBe(0);
  });

  test('what one half of the pictures gives is asked of the other half', () => {
    // By number, all red houses are among the even pictures: what those say of red cannot be said again.
    const count = (half: 0 | 1, kind: 'house' | 'red house'): number => scenes.filter((scene, index) => index % 2 === half && scene.house && (kind === 'house' || scene.red)).length;
    expect([count(0, 'red house'), count(1, 'red house')]).toEqual([count(0, 'house'), 0]);
    const onRed = replicate(site, (part, rows) => maskEvidence(part, rows).filter(({ label }) => label.startsWith('red')), stretchesOf(times).values());
    expect(onRed.given).toBeGreaterThan(5);
    expect(onRed.again).toBe(0);
    const onHouses = replicate(site, (part, rows) => maskEvidence(part, rows).filter(({ id, label }) => id === house && label === 'house'), stretchesOf(times).values());
    expect(onHouses).toEqual({ given: 3, again: 3 });
  });
});

test('a concept that is everywhere takes the cells above a tenth of its range', () => {
  // 2x3 cells, k = 2; concept 4 is active in all cells, concept 1 in one, concept 3 only with 0.
  const indices = Int32Array.from([4, 3, 4, 3, 4, 1, 4, 3, 4, 3, 4, 3]);
  const values = Float32Array.from([5, 0, 5.05, 0, 6, 2, 5.2, 0, 5, 0, 5.9, 0]);
  const { ids, gamma, peak, cells: taken } = activeConcepts(indices, values, 6, 6);
  expect([...ids]).toEqual([1, 4]);
  expect([...taken]).toEqual([0b000100, 0b101100]);
  expect([...peak]).toEqual([2, 6]);
  expect(gamma[1]).toBeCloseTo((5 + 5.05 + 6 + 5.2 + 5 + 5.9) / 6, 5);
});

test('a mask is averaged over the pixels of each cell and cut at one half', () => {
  // 4x4 pixels on 2x2 cells: 3 of 4, 2 of 4, none, all.
  const mask = Uint8Array.from([1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1]);
  expect([...maskOnCells(mask, 4, 4, 2, 2) ?? []]).toEqual([0b1001]);
  expect(maskOnCells(new Uint8Array(16), 4, 4, 2, 2)).toBeUndefined();
});
