import { describe, expect, it } from 'vitest';
import { expectingExperiments } from '../../../../src/editor/testing/expectingExperiments.ts';
import { parseSpec } from '../../../../src/spec/parseSpec.ts';
import { fullSpec } from '../../../support/specs.ts';

describe('expectingExperiments', () => {
  it('finds those with bounds, and the place of each', () => {
    const [found, ...others] = expectingExperiments(parseSpec(fullSpec, 'a.dmi.json'));
    expect(others).toEqual([]);
    expect(found.name).toBe('house-to-the-right');
    expect(fullSpec.slice(found.at.offset, found.at.offset + found.at.length)).toBe('"house-to-the-right"');
    expect(found.measures.map(({ measure, offset, length }) => [measure, fullSpec.slice(offset, offset + length)])).toEqual([
      ['presence:house', '"presence:house"'], ['outside.ssim', '"outside.ssim"'],
    ]);
  });

  it.each([
    '', '[]', '{', '{ "experiments": 3 }', '{ "experiments": { "a" } }', '{ "experiments": { "a": 1, "b": { "expect": [] }, "c": { "expect": {} }, "d": { "expect": { "mse" } } } }',
  ])('takes any text: %s', (text) => {
    expect(expectingExperiments(parseSpec(text, 'a.dmi.json'))).toEqual([]);
  });
});
