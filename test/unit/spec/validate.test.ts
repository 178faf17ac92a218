import fc from 'fast-check';
import { parse, parseTree } from 'jsonc-parser';
import Value from 'typebox/value';
import { expect, it } from 'vitest';
import { jsonSchema } from '../../../src/spec/jsonSchema.ts';
import { schedulerNames } from '../../../src/spec/schedulerNames.ts';
import { Spec } from '../../../src/spec/schema.ts';
import { viewSchema } from '../../../src/spec/schemaView.ts';
import { validate } from '../../../src/spec/validate.ts';
import { fullSpec } from '../../support/specs.ts';

const whole = parse(fullSpec, [], { allowTrailingComma: true }) as unknown;

/** Every path of a JSON value, the top included. */
function pathsOf(value: unknown): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  const entries = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value);
  return [[], ...entries.flatMap(([key, item]) => pathsOf(item).map((path) => [key, ...path]))];
}

/** A copy of a JSON value with the part at `path` put through `change`; `undefined` removes it. */
function changed(value: unknown, path: readonly (string | number)[], change: (part: unknown) => unknown): unknown {
  if (path.length === 0) return change(value);
  const [key, ...rest] = path;
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => (index === key ? [changed(item, rest, change)].filter((part) => part !== undefined) : [item]));
  }
  const entries = Object.entries(value as object).map(([name, item]) => [name, name === key ? changed(item, rest, change) : item as unknown] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

const someValue = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom('early', 'left', 'both', 'all', 'presence:house', 'outside.ssim', '/edits/0/add', 0, 1, -1, 0.5, 1e9, true, [], {}, [0, 1], ['x', 'x'],
    { box: [0, 0, 1, 1] }, { steps: [0, 1] }, { from: 1, to: 0 }, { min: 1 }, { site: 's', concept: 1, ablate: true }, 'x'.repeat(3000)),
);
const changedSpec = fc.array(
  fc.record({ path: fc.constantFrom(...pathsOf(whole)), value: someValue, how: fc.constantFrom('replace', 'remove', 'extend', 'append') }),
  { minLength: 1, maxLength: 2 },
).map((changes) => changes.reduce((spec, { path, value, how }) => {
  try {
    return changed(spec, path, (part) => {
      if (how === 'remove' && path.length > 0) return undefined;
      if (how === 'extend' && typeof part === 'object' && part !== null && !Array.isArray(part)) return { ...part, extra: value };
      if (how === 'append' && Array.isArray(part)) return [...part as unknown[], value];
      return value;
    });
  } catch {
    return spec; // the first change has removed what the second one wants to change
  }
}, whole));

it('accepts exactly what TypeBox accepts', () => {
  let accepted = 0;
  fc.assert(fc.property(changedSpec, (value) => {
    const tree = parseTree(JSON.stringify(value));
    const findings = tree === undefined ? [] : validate(viewSchema(Spec), tree);
    const plain: unknown = JSON.parse(JSON.stringify(value));
    // What was found stands on the left, so that a failure shows it.
    if (findings.length > 0) expect([findings.map(({ path, message }) => ({ path, message })), Value.Check(Spec, plain)]).toEqual([expect.anything(), false]);
    else expect([[], Value.Check(Spec, plain)]).toEqual([[], true]);
    if (findings.length === 0) accepted++;
  }), { numRuns: 300, seed: 1 });
  expect(accepted).toBeGreaterThan(20);
});

it('the JSON Schema for editors describes every key, in English and in Japanese', () => {
  for (const language of ['en', 'ja'] as const) {
    const schema = JSON.stringify(jsonSchema(language));
    expect(schema).toContain('"$schema":"http://json-schema.org/draft-07/schema#"');
    expect(schema).not.toContain('x-ja');
    expect(schema).toContain(language === 'en' ? 'Number of denoising steps;' : 'ノイズ除去のステップ数。');
  }
  for (const [key, part] of Object.entries(viewSchema(Spec).properties ?? {})) expect(part.description, key).toBeTruthy();
});

it('the JSON Schema for editors describes every sampler, in English and in Japanese', () => {
  const described = (language: 'en' | 'ja') => {
    const { properties } = jsonSchema(language) as { properties: { sample: { properties: { scheduler: { enum: string[]; enumDescriptions: string[] } } } } };
    return properties.sample.properties.scheduler;
  };
  for (const language of ['en', 'ja'] as const) expect(described(language).enumDescriptions.filter((text) => text !== '')).toHaveLength(described(language).enum.length);
  expect(described('en').enum).toEqual(schedulerNames);
  expect(described('ja').enumDescriptions).not.toEqual(described('en').enumDescriptions);
});
