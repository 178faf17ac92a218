import { parseTree } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { liveSchema, type LiveNames } from '../../../../src/editor/language/liveSchema.ts';
import { pointersOf } from '../../../../src/editor/language/pointers.ts';
import { itemOf, member, type SchemaNode } from '../../../../src/editor/language/schemaNode.ts';
import { jsonSchema } from '../../../../src/spec/jsonSchema.ts';
import { fakeFacts, mid, up } from '../../../support/modelFacts.ts';
import { fullSpec } from '../../../support/specs.ts';
import { inEnglish } from '../../../support/translate.ts';

const nothing: LiveNames = { models: [], saes: [], judges: [], facts: undefined, tree: undefined };

function schemaOf(names: Partial<LiveNames>): SchemaNode {
  return liveSchema('en', { ...nothing, ...names }, inEnglish);
}

/** Values that a schema offers besides what it accepts, with their descriptions. */
function offers({ anyOf = [] }: SchemaNode): Record<string, string> {
  const live = anyOf.at(-1);
  return Object.fromEntries((live?.enum ?? []).map((value, index) => [String(value), live?.enumDescriptions?.[index] ?? '']));
}

function at(schema: SchemaNode, ...keys: string[]): SchemaNode {
  return keys.reduce((part, key) => {
    const { $ref, ...rest } = key === '*' ? itemOf(part) : member(part, key);
    return $ref === undefined ? rest : { ...schema.definitions?.[$ref.slice('#/definitions/'.length)], ...rest };
  }, schema);
}

describe('the schema with live names', () => {
  it('is the plain one where nothing is known, comments and trailing commas allowed', () => {
    const { allowComments, allowTrailingCommas, ...rest } = schemaOf({});
    expect([allowComments, allowTrailingCommas]).toEqual([true, true]);
    expect(Object.keys(rest.properties ?? {})).toEqual(Object.keys((jsonSchema('en') as SchemaNode).properties ?? {}));
    expect(member(rest, 'model')).toEqual(member(jsonSchema('en') as SchemaNode, 'model'));
  });

  it('holds itself together: draft-07, no reference to elsewhere', () => {
    const text = JSON.stringify(schemaOf({ facts: fakeFacts, tree: parseTree(fullSpec) }));
    expect(JSON.parse(text)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
    const { definitions = {} } = JSON.parse(text) as SchemaNode;
    const references = [...new Set([...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference))];
    expect(references.length).toBeGreaterThan(3);
    expect(references.filter((reference) => !Object.keys(definitions).some((name) => reference === `#/definitions/${name}`))).toEqual([]);
  });

  it('offers models, SAEs and judges', () => {
    const schema = schemaOf({ models: [{ value: 'builtin:scenes', description: 'b' }, { value: '../m', description: 'w' }], judges: [{ value: 'j', description: '' }], saes: [{ value: 's', description: '' }] });
    expect(offers(at(schema, 'model'))).toEqual({ 'builtin:scenes': 'b', '../m': 'w' });
    expect(offers(at(schema, 'saes', '*'))).toEqual({ s: '' });
    expect(offers(at(schema, 'judge'))).toEqual({ j: '' });
  });

  it('offers sites, labels and measures of the model', () => {
    const schema = schemaOf({ facts: fakeFacts });
    const sites = { [mid]: '8 concepts, 3 of them labelled', [up]: '4 concepts, 2 of them labelled' };
    expect(offers(at(schema, 'trace', 'sites', '*'))).toEqual(sites);
    expect(offers(at(schema, 'experiments', '', 'edits', '*', 'site'))).toEqual(sites);
    expect(offers(at(schema, 'trace', 'concepts', 'always', '*'))).toEqual({
      house: `2 concepts at ${mid}`, 'red house': `1 concept at ${mid}`, sky: `1 concept at ${up}`, tree: `1 concept at ${mid}\n1 concept at ${up}`,
    });
    expect(Object.keys(offers(at(schema, 'experiments', '', 'measure', '*')))).toEqual(expect.arrayContaining(['presence:red house', 'iou:tree', 'clip', 'outside.ssim', 'ood']));
    expect(at(schema, 'experiments', '', 'expect', 'centre:house').properties).toHaveProperty('min');
  });

  it('offers numbers where one site is traced, the most common first', () => {
    const trace = (sites: readonly string[]) => schemaOf({ facts: fakeFacts, tree: parseTree(JSON.stringify({ trace: { sites } })) });
    const numbers = (schema: SchemaNode) => JSON.stringify(at(schema, 'trace', 'concepts', 'always', '*')).match(/"label":"[^"]*"/g);
    expect(numbers(trace([mid]))).toEqual(['"label":"6 tree"', '"label":"5 house"', '"label":"3 red house"']);
    expect(numbers(trace([mid, up]))).toBeNull();
  });

  it('offers experiments to a sweep, and pointers into the one that it is of', () => {
    const schema = schemaOf({ tree: parseTree(fullSpec) });
    expect(offers(at(schema, 'sweeps', '', 'of'))).toEqual({ 'house-to-the-right': 'does the early mid block decide where things stand?' });
    const vary = at(schema, 'sweeps', 'when', 'vary');
    expect(Object.keys(vary.properties ?? {})).toEqual([
      '/edits/0/site', '/edits/0/concept', '/edits/0/add', '/edits/0/unit', '/edits/0/where', '/edits/0/elsewhere', '/edits/0/during', '/edits/0/branch',
    ]);
    expect(JSON.stringify(at(schema, 'sweeps', 'when', 'vary', '/edits/0/during', '*'))).toContain('"early"');
    expect(member(vary, '/edits/0/add').description).toContain('now: 6');
    expect(Object.keys(at(schema, 'searches', 'cheapest', 'over').properties ?? {})).toEqual(['/edits/0/add']);
  });

  it('is written in Japanese where the editor is', () => {
    expect(member(liveSchema('ja', nothing, inEnglish), 'dmi').description).toBe('この形式の版。');
  });
});

describe('pointers into an experiment', () => {
  it('lead to every scalar of its edits, and to what is varied as a whole', () => {
    const tree = parseTree('{ "why": "x", "edits": [{ "concept": [1, "a"], "where": { "box": [0, 0, 1, 1] }, "a/b": true }] }');
    expect(tree && pointersOf(tree).map(({ pointer, numeric }) => `${pointer}${numeric ? ' #' : ''}`)).toEqual([
      '/edits/0/concept/0 #', '/edits/0/concept/1', '/edits/0/where', '/edits/0/where/box/0 #', '/edits/0/where/box/1 #', '/edits/0/where/box/2 #', '/edits/0/where/box/3 #',
      '/edits/0/a~1b', '/edits/0/during', '/edits/0/branch',
    ]);
  });
});
