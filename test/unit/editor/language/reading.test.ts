import { parseTree } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { conceptHints } from '../../../../src/editor/language/conceptHints.ts';
import { conceptHover, type ConceptCourse } from '../../../../src/editor/language/conceptHover.ts';
import { conceptRows } from '../../../../src/editor/language/conceptRows.ts';
import { definitionAt } from '../../../../src/editor/language/definitionAt.ts';
import { escapeMarkdown } from '../../../../src/editor/language/escapeMarkdown.ts';
import { fixTitle } from '../../../../src/editor/language/fixTitle.ts';
import { specSymbols, type SpecSymbol } from '../../../../src/editor/language/specSymbols.ts';
import { findMentions } from '../../../../src/spec/mentions.ts';
import { fakeFacts, fakeSae, mid, up } from '../../../support/modelFacts.ts';
import { fullSpec } from '../../../support/specs.ts';
import { inEnglish } from '../../../support/translate.ts';

function tree(text: string) {
  const parsed = parseTree(text);
  if (parsed === undefined) throw new Error('no tree');
  return parsed;
}

describe('hints', () => {
  const hints = (text: string) => conceptHints(findMentions(tree(text)), fakeFacts, inEnglish).map(({ offset, text: hint }) => `${text.slice(0, offset).split(/[ [,]/).at(-1) ?? ''} → ${hint}`);

  it('put labels behind numbers and numbers behind labels', () => {
    expect(hints(`{ "experiments": { "e": { "edits": [{ "site": "${mid}", "concept": [3, "house", 7, "none"], "where": { "concept": 6 } }] } } }`)).toEqual([
      '3 → red house', '"house" → 3, 5', '6 → tree',
    ]);
  });

  it('say nothing where a number means something else at each site', () => {
    expect(hints('{ "trace": { "concepts": { "always": [1, "tree"] } } }')).toEqual([]);
    expect(hints(`{ "trace": { "sites": ["${up}"], "concepts": { "always": [1, "sky"] } } }`)).toEqual(['1 → tree', '"sky" → 2']);
  });

  it('count many', () => {
    const many = { ...fakeFacts, saes: [fakeSae(mid, Object.fromEntries([0, 1, 2, 3, 4].map((id) => [id, ['top']])))] };
    const found = findMentions(tree(`{ "experiments": { "e": { "edits": [{ "site": "${mid}", "concept": "top" }] } } }`));
    expect(conceptHints(found, many, inEnglish)[0].text).toBe('5 concepts');
  });
});

describe('hover', () => {
  const mentions = findMentions(undefined);
  const course: ConceptCourse = { site: mid, id: 3, seed: 1, gamma: Float32Array.of(0, 1, 4, 2), onset: 1, peak: 2, settle: null, picture: 'data:image/png;base64,AA==', size: [96, 96] };

  it('tells numbers, what the label rests on, and the course in the last run', () => {
    const text = conceptHover('red house', conceptRows({ concept: 'red house', sites: [mid] }, mentions, fakeFacts), [course], inEnglish);
    expect(text).toContain('**red house** · mid\\_block.attentions.0');
    expect(text).toContain('| 3 red house | 4 | 3 &#37; | ');
    expect(text).toContain('covers &#8220;red house&#8221;&#58; IoU 0.63&#59; 5 of 9 pictures, early');
    expect(text).toContain('3, seed 1 `\u00A0▂█▄` appears 1 &#183; peak 2 &#183; settles &#8211;');
    expect(conceptHover('red house', conceptRows({ concept: 3, sites: [mid] }, mentions, fakeFacts), [{ ...course, onset: null, peak: null }], inEnglish)).toContain('3, seed 1 not active');
    expect(text).toContain('](data:image/png;base64,AA==|width=96,height=96)');
  });

  it('puts the concept first whose label is supported best', () => {
    expect(conceptRows({ concept: 'house', sites: [mid] }, mentions, fakeFacts).map(({ id }) => id)).toEqual([5, 3]);
    expect(conceptRows({ concept: 'tree', sites: 'traced' }, mentions, fakeFacts).map(({ sae, id }) => `${sae.site} ${id}`)).toEqual([`${mid} 6`, `${up} 1`]);
    expect(conceptRows({ concept: 9, sites: [mid] }, mentions, fakeFacts)).toEqual([]);
  });

  it('lets no label become markup', () => {
    const label = '**x** [a](command:evil) <img src=x> | `c` ![p](http://e) $(alert) www.e.com a@b.c\n# h';
    const hostile = { ...fakeFacts, saes: [fakeSae(mid, { 3: [label] })] };
    const text = conceptHover(label, conceptRows({ concept: 3, sites: [mid] }, mentions, hostile), [], inEnglish);
    const [, , ...rest] = text.split('\n\n');
    expect(rest.join()).not.toContain('\n#');
    expect(text).not.toMatch(/\]\(|<img|`c`|\$\(|www\.|a@b|http:/);
    // Every line of the table has the five bars of four columns, whatever the label holds.
    expect(text.split('\n').filter((line) => line.startsWith('|')).map((line) => line.split('|').length)).toEqual([6, 6, 6]);
  });

  it('escapes what Markdown reads and leaves letters of any language', () => {
    expect(escapeMarkdown('家_a*\u0007')).toBe('家\\_a&#42;\uFFFD');
  });
});

describe('definitions', () => {
  const to = (marked: string) => {
    const offset = marked.indexOf('|');
    const text = marked.slice(0, offset) + marked.slice(offset + 1);
    const found = definitionAt(tree(text), offset);
    return found && text.slice(found.name.offset, found.name.offset + found.name.length);
  };
  const experiments = '"experiments": { "mine": { "edits": [{ "add": 6 }] } }';

  it('"of" leads to the name of its experiment, pointers to their values', () => {
    expect(to(`{ ${experiments}, "sweeps": { "s": { "of": "mi|ne" } } }`)).toBe('"mine"');
    expect(to(`{ ${experiments}, "searches": { "s": { "of": "mine", "over": { "/edits/0/a|dd": {} } } } }`)).toBe('6');
    expect(to(`{ ${experiments}, "sweeps": { "s": { "of": "mine", "vary": { "/edits/0/dur|ing": [] } } } }`)).toBe('{ "add": 6 }');
  });

  it('other words lead nowhere', () => {
    expect(to(`{ ${experiments}, "sweeps": { "s": { "of": "oth|er" } } }`)).toBeUndefined();
    expect(to('{ "experiments": { "mi|ne": {} } }')).toBeUndefined();
    expect(to(`{ ${experiments}, "sweeps": { "s": { "o|f": "mine" } } }`)).toBeUndefined();
  });
});

describe('symbols', () => {
  const shown = (symbols: readonly SpecSymbol[], depth = 0): string[] => symbols.flatMap(({ name, detail, children }) => [
    `${'  '.repeat(depth)}${name}${detail === '' ? '' : ` (${detail})`}`, ...shown(children, depth + 1),
  ]);

  it('are the parts of a spec by name, edits by what they do', () => {
    expect(shown(specSymbols(tree(fullSpec)))).toEqual([
      'sample (a red house left and a blue tree right, meadow)',
      'experiments', '  house-to-the-right (does the early mid block decide where things stand?)', `    house add 6 (right · early · ${mid})`,
      'sweeps', '  when (house-to-the-right)', 'searches', '  cheapest (house-to-the-right)', 'studies', '  layout (composition)',
    ]);
  });

  it('have names, and lie within each other', () => {
    const check = (symbols: readonly SpecSymbol[]): void => {
      for (const { name, range, selection, children } of symbols) {
        expect(name).not.toBe('');
        for (const inner of [selection, ...children.map((child) => child.range)]) {
          expect(inner.offset).toBeGreaterThanOrEqual(range.offset);
          expect(inner.offset + inner.length).toBeLessThanOrEqual(range.offset + range.length);
        }
        check(children);
      }
    };
    check(specSymbols(tree(fullSpec)));
    check(specSymbols(tree('{ "experiments": { "": { "edits": [{}, 3, []] } }, "sweeps": [], "studies": { "x": 1 } }')));
  });
});

describe('titles of fixes', () => {
  it('show the value, or what goes away', () => {
    const node = tree('"x"');
    expect(fixTitle({ kind: 'replace', node, by: { from: 1, to: 0 } }, inEnglish)).toBe('Replace by { "from": 1, "to": 0 }');
    expect(fixTitle({ kind: 'remove', path: ['experiments', 'e', 'unit'] }, inEnglish)).toBe('Remove "unit"');
    expect(fixTitle({ kind: 'remove', path: ['trace', 'steps', 3] }, inEnglish)).toBe('Remove this value');
    expect(fixTitle({ kind: 'replace', node, by: 'x'.repeat(500) }, inEnglish).length).toBeLessThan(80);
  });
});
