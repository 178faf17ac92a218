import { describe, expect, it } from 'vitest';
import { conceptAt, placesOf } from '../../../../src/editor/timeline/conceptsInSpec.ts';
import { questionKey } from '../../../../src/editor/timeline/questionKey.ts';
import type { Spec } from '../../../../src/spec/schema.ts';
import { fullSpec, specWith } from '../../../support/specs.ts';
import { specTree } from '../../../support/specTree.ts';

const mid = 'mid_block.attentions.0';
const up = 'up_blocks.0.attentions.0';
const ids = new Map([[`${mid} house`, [88, 312]], [`${up} red house`, [7]]]);
const idsOf = (site: string, label: string): number[] => ids.get(`${site} ${label}`) ?? [];
const root = specTree(fullSpec);
const at = (word: string, sites = [mid]) => conceptAt(root, fullSpec.indexOf(word) + 1, sites, idsOf);

describe('the place of the text cursor', () => {
  it('is about the concept of its edit, wherever in the edit it is', () => {
    for (const word of ['"house",', '"elsewhere"', '"branch": "cond" }']) expect(at(word)).toEqual({ site: mid, concepts: [88, 312], during: 'early' });
  });

  it('is about the very concept within a list, and within `always`', () => {
    expect(at('312, "red house"')).toEqual({ site: mid, concepts: [312], during: undefined });
    const edits = [{ site: mid, concept: [4, 'house'], add: 1 }, { site: mid, concept: [5, 6], add: 1 }];
    const text = JSON.stringify(specWith({ experiments: { x: { edits } } }));
    const tree = specTree(text);
    const found = (word: string) => conceptAt(tree, text.indexOf(word), [mid], idsOf);
    expect(found('4,"house"')).toEqual({ site: mid, concepts: [4], during: undefined });
    expect(found('6]')).toEqual({ site: mid, concepts: [6], during: undefined });
    expect(conceptAt(tree, text.lastIndexOf('"add"'), [mid], idsOf)).toEqual({ site: mid, concepts: [5, 6], during: undefined });
  });

  it('finds the site that bears a label where the spec asks all of them', () => {
    const text = JSON.stringify(specWith({ trace: { concepts: { always: ['red house', 3] } } }));
    const tree = specTree(text);
    expect(conceptAt(tree, text.indexOf('red house'), [mid, up], idsOf)).toEqual({ site: up, concepts: [7], during: undefined });
    expect(conceptAt(tree, text.indexOf(',3]') + 1, [mid, up], idsOf)).toEqual({ site: null, concepts: [3], during: undefined });
  });

  it('is about nothing elsewhere', () => {
    expect(at('"prompt"')).toBeUndefined();
    expect(at('"sweeps"')).toBeUndefined();
  });
});

describe('a concept of the panel', () => {
  it('is named in a spec by its number and by its labels, at its site', () => {
    const words = (site: string, concept: number): string[] => placesOf(root, site, concept, idsOf).map(({ offset, length }) => fullSpec.slice(offset, offset + length));
    expect(words(mid, 312)).toEqual(['312', '"house"']);
    expect(words(mid, 88)).toEqual(['"house"']);
    expect(words(mid, 5)).toEqual([]);
    expect(words(up, 312)).toEqual([]);
  });
});

describe('the question of a spec', () => {
  const key = (parts: object): string => questionKey(specWith(parts) as Spec);

  it('is the same with defaults spelled out, and whatever is reported or tried', () => {
    expect(key({ sample: { prompt: 'a house', steps: 30, seeds: [0], scheduler: 'ddim' }, trace: { branch: 'cond', steps: 'all', concepts: { top: 3 } }, experiments: {} })).toBe(key({}));
  });

  it('differs with whatever decides a run', () => {
    const others = [{ sample: { prompt: 'a tree' } }, { sample: { prompt: 'a house', seeds: [0, 1] } }, { sample: { prompt: 'a house', steps: 29 } }, { trace: { sites: [mid] } }, { trace: { branch: 'both' } },
      { trace: { steps: [0] } }, { saes: ['x'] }, { model: 'other' }];
    expect(new Set([...others.map(key), key({})]).size).toBe(others.length + 1);
  });
});
