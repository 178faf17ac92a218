import { parseTree } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { modelView } from '../../../src/experiment/modelFacts.ts';
import { checkAgainstModel } from '../../../src/spec/checkAgainstModel.ts';
import { replacementsOf } from '../../../src/spec/fix.ts';
import { parseSpec } from '../../../src/spec/parseSpec.ts';
import { english } from '../../../src/base/phrase.ts';
import { fakeFacts, mid, up } from '../../support/modelFacts.ts';
import { specWith } from '../../support/specs.ts';

/** `code path: message -> what the first fix puts there` of every remark. */
function remarks(parts: object, facts = fakeFacts): string[] {
  const tree = parseTree(JSON.stringify(specWith(parts)));
  if (tree === undefined) throw new Error('no tree');
  return checkAgainstModel(tree, modelView(facts)).map(({ code, path, message, fixes }) => {
    const fix = fixes.at(0);
    return `${code} ${path.join('.')}: ${english(message)}${fix?.kind === 'replace' ? ` -> ${JSON.stringify(fix.by)}` : ''}`;
  });
}

const edits = (...list: object[]) => ({ experiments: { e: { edits: list } } });

describe('a spec against its model', () => {
  it('nothing to say of what the model has', () => {
    expect(remarks({ trace: { sites: [mid], concepts: { always: [7, 'house'] } }, ...edits({ site: up, concept: ['tree', 3], add: 1 }) })).toEqual([]);
  });

  it('all of what it has not, with what was meant', () => {
    expect(remarks({
      trace: { sites: [mid, 'mid_block.attentions.1'], concepts: { always: ['hose', 8] } },
      experiments: { e: { edits: [{ site: up, concept: 'house', add: 1, where: { concept: 9 } }, { site: 'nowhere', concept: 'x', add: 1 }], measure: ['presence:hosue', 'clip'] } },
    })).toEqual([
      `unknown-site trace.sites.1: no SAE for the site "mid_block.attentions.1"; did you mean "${mid}"? -> "${mid}"`,
      'unknown-site experiments.e.edits.1.site: no SAE for the site "nowhere"',
      'unknown-label trace.concepts.always.0: no concept is labelled "hose"; did you mean "house"? -> "house"',
      'unknown-concept trace.concepts.always.1: concept 8 does not exist -> 7',
      'unknown-label experiments.e.edits.0.concept: no concept is labelled "house"',
      'unknown-concept experiments.e.edits.0.where.concept: concept 9 does not exist -> 3',
      'unknown-noun experiments.e.measure.0: the judge does not know "hosue"; did you mean "house"? -> "presence:house"',
    ]);
  });

  it('says where a label is known, when it is not known here', () => {
    const tree = parseTree(JSON.stringify(specWith(edits({ site: up, concept: 'house', add: 1 }))));
    const [remark] = tree === undefined ? [] : checkAgainstModel(tree, modelView(fakeFacts));
    expect(english(remark.remedy)).toBe(`It is a label at ${mid}.`);
  });

  it('what sweeps put in, at the site of the experiment or at those that they put in', () => {
    const sweep = (vary: object) => remarks({ ...edits({ site: mid, concept: 'house', add: 1 }), sweeps: { s: { of: 'e', vary } } });
    expect(sweep({ '/edits/0/concept': ['tree', 'sky', ['house', 8]] })).toEqual([
      'unknown-label sweeps.s.vary./edits/0/concept.1: no concept is labelled "sky"',
      'unknown-concept sweeps.s.vary./edits/0/concept.2.1: concept 8 does not exist -> 7',
    ]);
    expect(sweep({ '/edits/0/site': [up, 'elsewhere'], '/edits/0/concept': ['sky'] })).toEqual(['unknown-site sweeps.s.vary./edits/0/site.1: no SAE for the site "elsewhere"']);
  });

  it('a branch that the SAE was not trained on, as a warning', () => {
    const found = (parts: object) => remarks(parts).map((text) => text.replace(/:.*/, ''));
    expect(found({ trace: { branch: 'uncond' } })).toEqual(['untrained-branch trace.branch']);
    expect(found({ trace: { branch: 'uncond', sites: [up] } })).toEqual([]);
    expect(found({ trace: { branch: 'cond' }, ...edits({ site: mid, concept: 3, add: 1, branch: 'contrast' }, { site: up, concept: 1, add: 1, branch: 'both' }) })).toEqual([
      'untrained-branch experiments.e.edits.0.branch',
    ]);
  });

  it('measures without a judge, except those that are arithmetic', () => {
    const measure = { experiments: { e: { edits: [{ site: mid, concept: 3, add: 1 }], measure: ['clip', 'mse', 'outside.perceptual', 'ood'], expect: { 'presence:house': { min: 1 } } } } };
    expect(remarks(measure, { ...fakeFacts, nouns: undefined }).map((text) => text.replace(/:.*/, ''))).toEqual([
      'no-judge experiments.e.measure.0', 'no-judge experiments.e.measure.2', 'no-judge experiments.e.expect.presence',
    ]);
  });

  it('a model without any SAE, once', () => {
    expect(remarks({ trace: { sites: [mid] }, ...edits({ site: mid, concept: 3, add: 1 }) }, { ...fakeFacts, saes: [] })).toEqual([
      'no-sae model: there is no SAE for this model: no concept can be told',
    ]);
  });

  it('a document that is broken elsewhere', () => {
    const tree = parseTree(`{ "trace": { "sites": [3, "${mid}", "no"], "concepts": }, "experiments": [1, {"edits": 3}], "sweeps": { "s": { "of": 3, "vary": { "x": 1, "/edits/a/site": ["q"] } } } `);
    expect(tree && checkAgainstModel(tree, modelView(fakeFacts)).map(({ code }) => code)).toEqual(['unknown-site']);
  });
});

describe('fixes', () => {
  /** The text after the first fix of its first problem. */
  function mended(text: string): string {
    const { problems: [{ fixes: [fix] }] } = parseSpec(text, 'a');
    return [...replacementsOf(fix, text)].reverse().reduce((after, { offset, length, text: by }) => after.slice(0, offset) + by + after.slice(offset + length), text);
  }
  const spec = (rest: string) => `{ "dmi": 1, "model": "m", "sample": { "prompt": "x", "scheduler": "ddim", "steps": 10 }, ${rest} }`;
  const one = (rest: string) => spec(`"experiments": { "e": { "edits": [{ "site": "s", "concept": 1, "add": 1, ${rest} }] } }`);

  it.each([
    [spec('"trase": {}'), spec('"trace": {}')],
    [one('"unti": "raw"'), one('"unit": "raw"')],
    [one('"where": "centre"'), one('"where": "center"')],
    [one('"where": { "box": [0.9, 0, 0.1, 1] }'), one('"where": { "box": [0.1, 0, 0.9, 1] }')],
    [one('"during": { "from": 0.2, "to": 0.6 }'), one('"during": { "from": 0.6, "to": 0.2 }')],
    [one('"during": { "from": 0.05, "to": 0.04 }'), one('"during": { "from": 0.15, "to": 0 }')],
    [one('"during": { "steps": [3, 12] }'), one('"during": { "steps": [3, 9] }')],
    [one('"during": { "steps": [3, 1] }'), one('"during": { "steps": [1, 3] }')],
    [spec('"trace": { "steps": [0, 12] }'), spec('"trace": { "steps": [0] }')],
    [one('"elsewhere": "ablate"'), '{ "dmi": 1, "model": "m", "sample": { "prompt": "x", "scheduler": "ddim", "steps": 10 }, "experiments": { "e": { "edits": [{ "site": "s", "concept": 1, "add": 1 }] } } }'],
    [spec('"sweeps": { "s": { "of": "f", "vary": { "/edits/0/add": [1] } } }, "experiments": { "e": { "edits": [{ "site": "s", "concept": 1, "add": 1 }] } }'),
      spec('"sweeps": { "s": { "of": "e", "vary": { "/edits/0/add": [1] } } }, "experiments": { "e": { "edits": [{ "site": "s", "concept": 1, "add": 1 }] } }')],
    [spec('"trace": { "concepts": { "top": 1001 } }'), spec('"trace": { "concepts": { "top": 1000 } }')],
  ])('%s', (before, after) => {
    expect(mended(before)).toBe(after);
    expect(parseSpec(after, 'a').problems).toEqual([]);
  });

  it.each([
    ['{\n  "a": 1,\n  "b": 2, // why\n  "c": 3\n}', ['a'], '{\n  "b": 2, // why\n  "c": 3\n}'],
    ['{\n  "a": 1,\n  "b": 2, // why\n  "c": 3\n}', ['c'], '{\n  "a": 1,\n  "b": 2 // why\n}'],
    ['{\n  "a": 1,\n  "b": 2 /* , */, "c": 3,\n}', ['b'], '{\n  "a": 1,\n  "c": 3,\n}'],
    ['[[0], [1], 2]', [2], '[[0], [1]]'],
    ['[[0], [1], 2]', [1], '[[0], 2]'],
    ['{ "a": [1,] }', ['a', 0], '{ "a": [] }'],
    ['{ "a": [1] }', ['a'], '{  }'],
  ])('%j without %j', (text, path, after) => {
    const left = [...replacementsOf({ kind: 'remove', path }, text)].reverse().reduce((done, { offset, length }) => done.slice(0, offset) + done.slice(offset + length), text);
    expect(left).toBe(after);
  });

  it('of a value that a sweep puts in', () => {
    const sweep = (value: string) => spec(`"experiments": { "e": { "edits": [{ "site": "s", "concept": 1, "add": 1 }] } }, "sweeps": { "s": { "of": "e", "vary": { ${value} } } }`);
    expect(mended(sweep('"/edits/0/during": ["early", "midle"]'))).toBe(sweep('"/edits/0/during": ["early", "middle"]'));
    expect(mended(sweep('"/edit/0/add": [1]'))).toBe(sweep('"/edits/0/add": [1]'));
  });
});
