import { parseTree } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { conceptCompletions } from '../../../../src/editor/language/conceptCompletions.ts';
import { partSnippets } from '../../../../src/editor/language/partSnippets.ts';
import { valueSlot } from '../../../../src/editor/language/valueSlot.ts';
import { parseSpec } from '../../../../src/spec/parseSpec.ts';
import { fakeFacts, mid, up } from '../../../support/modelFacts.ts';
import { inEnglish } from '../../../support/translate.ts';

/** A text with its cursor at `|`. */
function at(marked: string): { text: string; offset: number } {
  const offset = marked.indexOf('|');
  return { text: marked.slice(0, offset) + marked.slice(offset + 1), offset };
}

function concepts(marked: string) {
  const { text, offset } = at(marked);
  return conceptCompletions(text, offset, parseTree(text), fakeFacts, inEnglish);
}

describe('what is being written at the cursor', () => {
  it.each([
    ['{ "a": | }', '', false],
    ['{ "a": "ho|u" }', '"hou"', false],
    ['{ "a": "hou| }', '"hou', false],
    ['{ "a": hou| }', 'hou', false],
    ['[12|, 3]', '12', false],
    ['[| "x"]', '', true],
    ['{ "a": | "b": 1 }', '', true],
    ['{ "a": tr|ue // | \n, "b": 1 }', 'true', false],
    ['|', '', false],
  ])('%s', (marked, token, comma) => {
    const { text, offset } = at(marked);
    const slot = valueSlot(text, offset);
    expect([text.slice(slot.offset, slot.offset + slot.length), slot.comma]).toEqual([token, comma]);
  });
});

describe('concepts offered', () => {
  const edit = (rest: string) => `{ "experiments": { "e": { "edits": [{ ${rest} }] } } }`;

  it('are labels and numbers of the site of the edit', () => {
    const found = concepts(edit(`"site": "${mid}", "concept": |`));
    expect(found?.items.map(({ label }) => label)).toEqual(['house', 'red house', 'tree', '1', '2', '3 red house', '4', '5 house', '6 tree', '7']);
    expect(found?.items[0]).toMatchObject({ insertText: '"house"', detail: '2 concepts · mean 5 · each in 4 % of the cells' });
    expect(found?.items.find(({ label }) => label === '6 tree')).toMatchObject({ insertText: '6', detail: 'mean 7 · in 6 % of the cells' });
  });

  it('are found by what is typed, in quotes or not', () => {
    const found = concepts(edit(`"site": "${up}", "concept": "sk|"`));
    expect(found?.slot.length).toBe(4);
    expect(found?.items.filter(({ filterText }) => filterText.startsWith('"sk')).map(({ insertText }) => insertText)).toEqual(['"sky"', '2']);
    expect(concepts(edit(`"concept": [1, |], "site": "${up}"`))?.items.map(({ label }) => label)).toContain('sky');
    expect(concepts(edit(`"site": "${up}", "where": { "concept": | }`))?.items.map(({ label }) => label)).toContain('sky');
  });

  it('are those of all sites as long as none is chosen, and of the site that a sweep is about', () => {
    expect(concepts(edit('"concept": |'))?.items.map(({ label }) => label)).toEqual(['house', 'red house', 'sky', 'tree']);
    const sweep = concepts(`{ "experiments": { "e": { "edits": [{ "site": "${up}" }] } }, "sweeps": { "s": { "of": "e", "vary": { "/edits/0/concept": [|] } } } }`);
    expect(sweep?.items.map(({ label }) => label)).toEqual(['sky', 'tree', '1 tree', '2 sky', '3']);
  });

  it('are followed by a comma where something follows', () => {
    expect(concepts(edit(`"site": "${mid}", "concept": | "add": 1`))?.items[0].insertText).toBe('"house",');
  });

  it('are none elsewhere', () => {
    expect(concepts(edit('"site": "|"'))).toBeUndefined();
    expect(concepts('{ "trace": { "concepts": { "always": [|] } } }')).toBeUndefined();
    expect(concepts(edit('"|": 1'))).toBeUndefined();
  });
});

describe('snippets', () => {
  const snippets = (marked: string) => {
    const { text, offset } = at(marked);
    return partSnippets(text, offset, parseTree(text), fakeFacts, inEnglish);
  };
  /** A snippet as it stands when nobody changes anything in it. */
  const accepted = (snippet: string) => snippet
    .replace(/\$\{\d+\|((?:[^,|])*)(?:,[^|]*)?\|\}/g, '$1')
    .replace(/\$\{\d+:((?:\\.|[^\\}])*)\}/g, '$1').replace(/\\([\\$}])/g, '$1');

  const base = '"dmi": 1, "model": "builtin:scenes", "sample": { "prompt": "x" }';
  const one = `"experiments": { "mine": { "edits": [{ "site": "${mid}", "concept": 1, "add": 1 }] } }`;

  it.each([
    ['trace', `{ ${base}, "trace": { | } }`, 3],
    ['experiments', `{ ${base}, "experiments": { | } }`, 4],
    ['edits', `{ ${base}, "experiments": { "e": { "edits": [|] } } }`, 4],
    ['sweeps', `{ ${base}, ${one}, "sweeps": { | } }`, 3],
    ['searches', `{ ${base}, ${one}, "searches": { | } }`, 1],
    ['studies', `{ ${base}, "studies": { | } }`, 1],
    ['an empty file', '  |\n', 6],
  ])('for %s give a spec that is right', (_, marked, count) => {
    const { text } = at(marked);
    const found = snippets(marked);
    expect(found?.items).toHaveLength(count);
    for (const { snippet } of found?.items ?? []) {
      const { offset, length } = found?.slot ?? { offset: 0, length: 0 };
      const whole = text.slice(0, offset) + accepted(snippet) + text.slice(offset + length);
      expect([whole, parseSpec(whole, 'a').problems]).toEqual([whole, []]);
    }
  });

  it('name a noun that the SAE and the judge know, and an experiment of this file', () => {
    expect(snippets(`{ ${base}, "experiments": { | } }`)?.items[0].snippet).toContain(`"concept": \${3:"house"}`);
    expect(snippets(`{ ${base}, ${one}, "sweeps": { | } }`)?.items[0].snippet).toContain('"of": ${2:"mine"}');
  });

  it('cannot be broken out of by a label', () => {
    const hostile = { ...fakeFacts, nouns: undefined, saes: [{ ...fakeFacts.saes[0], idsByLabel: new Map([['a}${TM_FILENAME}\\"', [1]]]) }] };
    const { text, offset } = at(`{ ${base}, "experiments": { | } }`);
    const [{ snippet }] = partSnippets(text, offset, parseTree(text), hostile, inEnglish)?.items ?? [];
    expect(snippet).not.toContain('${TM_FILENAME}"');
    expect(accepted(snippet)).toContain(JSON.stringify('a}${TM_FILENAME}\\"'));
  });

  it('are none where something else belongs', () => {
    expect(snippets(`{ ${base}, "trace": { "concepts": { | } } }`)).toBeUndefined();
    expect(snippets(`{ ${base}, "sample": { | } }`)).toBeUndefined();
    expect(snippets(`{ ${base}, | }`)).toBeUndefined();
  });
});
