import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputError } from '../../../src/base/errors.ts';
import { canonicalJson } from '../../../src/spec/canonicalJson.ts';
import { parseSpec } from '../../../src/spec/parseSpec.ts';
import { resolveSpec, type ConceptDirectory, type ResolvedSpec, type ResolveSampler } from '../../../src/spec/resolveSpec.ts';
import { fullSpec, specWith } from '../../support/specs.ts';

const labels: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  'down_blocks.0.attentions.0': { tree: [7] },
  'mid_block.attentions.0': { house: [3, 40], 'red house': [3], tree: [5] },
};
const sizes: Readonly<Record<string, number>> = { 'down_blocks.0.attentions.0': 256, 'mid_block.attentions.0': 512 };
const directory: ConceptDirectory = {
  sites: Object.keys(labels),
  size: (site) => sizes[site],
  idsOf: (site, label) => Object.hasOwn(labels[site], label) ? labels[site][label] : [],
  labels: (site) => Object.keys(labels[site]),
};

/** A pipeline that comes with DDIM. */
const asDdim: ResolveSampler = ({ scheduler = 'ddim', steps }) => ({ scheduler, calls: steps });

function resolved(parts: object): ResolvedSpec {
  return resolveSpec(parseSpec(JSON.stringify(specWith(parts), null, 1), 'a.dmi.json'), directory, asDdim);
}

function complaint(parts: object): string {
  try {
    resolved(parts);
  } catch (error) {
    return (error as InputError).describe();
  }
  throw new Error('nothing was thrown');
}

const mid = 'mid_block.attentions.0';

describe('resolveSpec', () => {
  it('fills in every default', () => {
    expect(resolved({ sample: { prompt: 'a house', steps: 3 } })).toEqual({
      sample: { prompt: 'a house', negativePrompt: '', seeds: [0], scheduler: 'ddim', steps: 3, guidanceScale: 5 },
      trace: {
        sites: directory.sites, branch: 'cond', steps: [0, 1, 2], top: 24,
        always: { 'down_blocks.0.attentions.0': [], 'mid_block.attentions.0': [] },
      },
      experiments: {},
      calls: 3,
    });
  });

  it('turns labels into ids at every site that has them', () => {
    const { trace } = resolved({ trace: { concepts: { always: ['tree', 300, 'house'] } } });
    expect(trace.always).toEqual({ 'down_blocks.0.attentions.0': [7], [mid]: [3, 5, 40, 300] });
  });

  it('resolves the edits of the whole example', () => {
    const { experiments, trace } = resolveSpec(parseSpec(fullSpec, 'a'), directory, asDdim);
    expect(trace.always).toEqual({ [mid]: [3, 312] });
    expect(experiments['house-to-the-right'].edits).toEqual([{
      site: mid, concepts: [3, 40], operation: 'add', amount: 6, unit: 'mean', where: 'right', elsewhere: 'ablate', during: 'early', branch: 'cond',
    }]);
  });

  it('reads ablate as scale by 0, and a concept as a region', () => {
    const { experiments } = resolved({ experiments: { e: { edits: [{ site: mid, concept: [9, 'tree', 9.0 + 1], ablate: true, where: { concept: 'house' } }] } } });
    expect(experiments.e.edits[0]).toMatchObject({ concepts: [5, 9, 10], operation: 'scale', amount: 0, unit: 'raw', where: { concepts: [3, 40], above: 0.1 } });
  });

  it('names the place and the range of a concept number beyond the SAE', () => {
    expect(complaint({ trace: { sites: [mid], concepts: { always: [512] } } })).toMatch(
      /^a\.dmi\.json: \d+:\d+ \$\.trace\.concepts\.always\[0\]: concept 512 does not exist\n {2}Concept numbers: 0 to 511 at mid_block/);
    expect(complaint({ experiments: { e: { edits: [{ site: directory.sites[0], concept: 300, add: 1 }] } } })).toContain('0 to 255 at down_blocks.0.attentions.0');
  });

  it('names unknown labels and sites with the one that was meant', () => {
    expect(complaint({ trace: { concepts: { always: ['hous'] } } })).toContain('no concept is labelled "hous"; did you mean "house"?');
    expect(complaint({ trace: { sites: ['mid_block.attention.0'] } })).toContain(
      '$.trace.sites[0]: no SAE for the site "mid_block.attention.0"; did you mean "mid_block.attentions.0"?');
  });
});

describe('canonicalJson', () => {
  it('is the same for equal values, whatever the order of their keys', () => {
    expect(canonicalJson({ b: [{ d: 1, c: undefined }], a: 'x' })).toBe('{"a":"x","b":[{"d":1}]}');
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }), { seed: 1 });
  });
});
