import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { addSaes } from '../../../src/spec/addSaes.ts';

function added(text: string, ...folders: string[]): string {
  return addSaes(text, 'a.dmi.json', folders).reduceRight((result, { offset, text: part }) => result.slice(0, offset) + part + result.slice(offset), text);
}

describe('SAEs are named in a spec', () => {
  it.each([
    ['behind the model', '{\n  "dmi": 1,\n  "model": "m",  // mine\n\n  "sample": {}\n}\n', '{\n  "dmi": 1,\n  "model": "m",  // mine\n  "saes": ["saes/x"],\n\n  "sample": {}\n}\n'],
    ['behind those that are there', '{\n  "saes": ["a"],\n  "model": "m"\n}', '{\n  "saes": ["a", "saes/x"],\n  "model": "m"\n}'],
    ['on a line of its own where they stand so', '{\n  "saes": [\n    "a"\n  ]\n}', '{\n  "saes": [\n    "a",\n    "saes/x"\n  ]\n}'],
    ['once', '{ "saes": ["saes/x"] }', '{ "saes": ["saes/x"] }'],
  ])('%s', (_, text, expected) => { expect(added(text, 'saes/x')).toBe(expected); });

  it('several below each other', () => {
    expect(added('{\n  "model": "m"\n}\n', 'x', 'y')).toBe('{\n  "model": "m",\n  "saes": [\n    "x",\n    "y"\n  ]\n}\n');
  });

  it('all of several, also into an empty list or object', () => {
    for (const text of ['{ "saes": [] }', '{}', '{ "model": "m" }', '{ "saes": ["y"] }']) {
      expect((parse(added(text, 'x', 'y')) as { saes: string[] }).saes.sort()).toEqual(['x', 'y']);
    }
  });

  it('not into what is no list, or no object', () => {
    for (const text of ['', '[]', '{ "saes": "x" }', 'null']) expect(() => added(text, 'x')).toThrow(InputError);
  });

  it('into any text: it stays what it was, or is refused', () => {
    const text = fc.oneof(fc.string(), fc.record({ dmi: fc.constant(1), model: fc.string(), saes: fc.array(fc.string()) }, { requiredKeys: [] }).map((spec) => JSON.stringify(spec, undefined, 2)));
    fc.assert(fc.property(text, fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 3 }), (before, folders) => {
      try {
        const { saes = [], ...rest } = (parse(before) ?? {}) as { saes?: unknown[] };
        const { saes: now, ...others } = parse(added(before, ...folders)) as { saes: unknown[] };
        expect(others).toEqual(rest);
        expect(new Set(now)).toEqual(new Set([...saes, ...folders]));
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }), { seed: 1 });
  });
});
