import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { getNodeValue } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { experimentAt, insertEdit } from '../../../src/spec/insertEdit.ts';
import { parseSpec } from '../../../src/spec/parseSpec.ts';
import type { Edit, Spec } from '../../../src/spec/schema.ts';
import { fullSpec, specWith } from '../../support/specs.ts';
import { specTree } from '../../support/specTree.ts';

const edit: Edit = { site: 'mid_block.attentions.0', concept: 312, add: 4, where: { box: [0.1, 0.2, 0.5, 0.625] }, during: 'early' };

const valueOf = (text: string): Spec => getNodeValue(specTree(text)) as Spec;

/** Comments in their order; a quoted text is passed over. */
function comments(text: string): string[] {
  return [...text.matchAll(/"(?:\\.|[^"\\])*"|\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g)].map(([token]) => token).filter((token) => token.startsWith('/'));
}

/** Adds the edit and checks all that must hold of any spec; the text afterwards comes back. */
function inserted(text: string, what: Edit, experiment?: string): string {
  const before = valueOf(text);
  const { text: after, insertions, experiment: name, range } = insertEdit(text, 'a.dmi.json', what, experiment);

  expect(parseSpec(after, 'a.dmi.json').problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const edits = [...(before.experiments?.[name]?.edits ?? []), what];
  expect(valueOf(after)).toEqual({ ...before, experiments: { ...before.experiments, [name]: { ...before.experiments?.[name], edits } } });
  expect(comments(after)).toEqual(comments(text));
  expect(valueOf(after.slice(range.offset, range.offset + range.length))).toEqual(what);
  // Taking the insertions away gives the old text: nothing was reformatted.
  let old = after;
  for (const { offset, text: added } of insertions) {
    expect(old.slice(offset, offset + added.length)).toBe(added);
    old = old.slice(0, offset) + old.slice(offset + added.length);
  }
  expect(old).toBe(text);
  if (text.includes('\r\n')) expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  return after;
}

const bare = JSON.stringify(specWith({}), undefined, 2);

describe('an edit that is inserted into a spec', () => {
  it('stands behind the last one of its experiment, its comment left with the one before', () => {
    const after = inserted(fullSpec, edit, 'house-to-the-right');
    expect(after).toContain(`          "branch": "cond" },              // cond | uncond | both | contrast (add to cond, subtract from uncond)
        {
          "site": "mid_block.attentions.0",
          "concept": 312,
          "add": 4,
          "where": { "box": [0.1, 0.2, 0.5, 0.625] },
          "during": "early"
        }
      ],`);
  });

  it('begins an experiment of its own, at the end of those there are', () => {
    expect(inserted(fullSpec, { ...edit, where: 'left' })).toContain(`      "expect": { "presence:house": { "min": 0.5 }, "outside.ssim": { "min": 0.85 } }
    },
    "experiment-1": {
      "edits": [
        { "site": "mid_block.attentions.0", "concept": 312, "add": 4, "where": "left", "during": "early" }
      ]
    }
  },`);
  });

  it('begins the experiments of a spec without any, ahead of what follows them', async () => {
    const first = await readFile(fileURLToPath(new URL('../../../examples/first/house.dmi.json', import.meta.url)), 'utf8');
    expect(inserted(first, { ...edit, where: 'left' })).toBe(first.replace(/ {2}\}\n\}\n$/, `  },

  "experiments": {
    "experiment-1": {
      "edits": [
        { "site": "mid_block.attentions.0", "concept": 312, "add": 4, "where": "left", "during": "early" }
      ]
    }
  }
}
`));
    const studied = JSON.stringify(specWith({ studies: { layout: { kind: 'composition', prompts: 'p.txt' } } }), undefined, 2);
    expect(Object.keys(valueOf(inserted(studied, edit)))).toEqual(['dmi', 'model', 'sample', 'experiments', 'studies']);
  });

  it('keeps tabs, carriage returns and trailing commas', () => {
    const tabs = `{\r\n\t"dmi": 1, "model": "m",\r\n\t"sample": { "prompt": "a" }, // the question\r\n}\r\n`;
    expect(inserted(tabs, { ...edit, where: 'left' })).toBe(`{\r\n\t"dmi": 1, "model": "m",\r\n\t"sample": { "prompt": "a" }, // the question\r\n\t"experiments": {\r\n\t\t"experiment-1": {\r\n\t\t\t"edits": [\r\n\t\t\t\t`
      + `{ "site": "mid_block.attentions.0", "concept": 312, "add": 4, "where": "left", "during": "early" }\r\n\t\t\t]\r\n\t\t}\r\n\t},\r\n}\r\n`);
  });

  it('fits into one line where everything else does', () => {
    const line = '{"dmi":1,"model":"m","sample":{"prompt":"a"},"experiments":{"x":{"edits":[{"site":"s","concept":1,"add":1}]}}}';
    const short: Edit = { site: 's', concept: 2, scale: 0 };
    expect(inserted('{"dmi":1,"model":"m","sample":{"prompt":"a"},\n"experiments":{"x":{"edits":[{"site":"s","concept":1,"add":1}]}}}', short, 'x'))
      .toContain('"edits":[{"site":"s","concept":1,"add":1}, { "site": "s", "concept": 2, "scale": 0 }]');
    expect(inserted(line, short, 'x')).toContain('"edits":[{"site":"s","concept":1,"add":1},\n  { "site": "s", "concept": 2, "scale": 0 }]');
    inserted(line, short);
    inserted('{"dmi":1,"model":"m","sample":{"prompt":"a"}}', short);
  });

  it('finds room in empty experiments and beside comments alone', () => {
    for (const experiments of ['{}', '{ }', '{ /* none yet */ }', '{ // none yet\n  }', '{\n    // none\n    // yet\n  }', '{\n\n  }']) {
      inserted(bare.replace(/\n\}$/, `,\n  "experiments": ${experiments}\n}`), edit);
    }
  });

  it('keeps its place among odd commas', () => {
    const odd = '{ "dmi": 1\n, "model": "m"\n, "sample": { "prompt": "a" } /* b */ // c\n/* d */ , // e\n // f\n }';
    expect(inserted(odd, { site: 's', concept: 2, scale: 0 })).toMatch(/\/\* d \*\/ , \/\/ e\n.*"experiments"/);
    inserted('{ "dmi": 1\n, "model": "m"\n, "sample": { "prompt": "a" } /* b */ // c\n/* d */ , "studies": {} }', edit);
  });

  it('takes the first free name, and a new one for an experiment that is gone', () => {
    const once = inserted(fullSpec, edit);
    expect(insertEdit(once, 'a', edit, undefined).experiment).toBe('experiment-2');
    expect(insertEdit(once, 'a', edit, 'experiment-1').experiment).toBe('experiment-1');
    expect(insertEdit(once, 'a', edit, 'deleted').experiment).toBe('experiment-2');
  });

  it('is refused where it would leave a broken spec', () => {
    expect(() => insertEdit('{ "dmi": 1, ', 'a.dmi.json', edit, undefined)).toThrow(expect.objectContaining({ name: 'InputError', file: 'a.dmi.json' }) as Error);
    expect(() => insertEdit(fullSpec, 'a', { ...edit, during: { steps: [3, 30] } }, undefined)).toThrow('step 30 does not exist');
    expect(() => insertEdit(fullSpec, 'a', { ...edit, where: { box: [0.5, 0, 0.5, 1] } }, undefined)).toThrow('the box is empty');
    const full = JSON.stringify(specWith({ experiments: { full: { edits: Array.from({ length: 64 }, () => edit) } } }));
    expect(() => insertEdit(full, 'a', edit, 'full')).toThrow('the list has 65 values');
  });
});

describe('any spec', () => {
  const roundTrip = (share: number): [number, number] => [Math.cos, Math.sin].map((of) => Math.round(500 + 400 * of(2 * Math.PI * share)) / 1000) as [number, number];
  const anyEdit = fc.record({
    site: fc.string({ minLength: 1, maxLength: 20 }), concept: fc.oneof(fc.nat(99), fc.string({ minLength: 1, maxLength: 20 })), add: fc.integer({ min: -50, max: 50 }),
    where: fc.oneof(
      fc.constantFrom('everywhere' as const, 'top-left' as const),
      fc.integer({ min: 3, max: 60 }).map((corners) => ({ polygon: Array.from({ length: corners }, (_, at) => roundTrip(at / corners)) })),
      fc.constant({ mask: 'house-mask-1.png' }),
    ),
    during: fc.oneof(fc.constantFrom('early' as const, 'all' as const), fc.constant({ steps: [0, 3] as [number, number] }), fc.constant({ from: 0.8, to: 0.3 })),
  });
  const anyName = fc.stringMatching(/^[a-z"\u00e9][a-z "]{0,8}$/);
  const anySpec = fc.record({
    prompt: fc.string(), experiments: fc.option(fc.dictionary(anyName, fc.record({ edits: fc.array(anyEdit, { minLength: 1, maxLength: 3 }) }), { maxKeys: 3 }), { nil: undefined }),
    studies: fc.option(fc.constant({ layout: { kind: 'composition', prompts: 'p.txt' } }), { nil: undefined }),
  }).map(({ prompt, ...parts }) => specWith({ sample: { prompt }, ...parts }));
  /** Gaps between tokens, as people and tools leave them. */
  const gap = fc.oneof({ weight: 6, arbitrary: fc.constant('') }, fc.constantFrom(' ', '\n', '\n\n  ', '\t', ' // a word, "quoted" }\n', ' /* [1, */ ', '\n    // own line\n  ', '/* over\n lines */'));
  const anyText = fc.tuple(anySpec, fc.infiniteStream(gap), fc.constantFrom(undefined, 2, '\t'), fc.boolean(), fc.boolean()).map(([spec, gaps, indent, trailing, crlf]) => {
    const next = (): string => gaps.next().value as string;
    const text = JSON.stringify(spec, undefined, indent).replace(/"(?:\\.|[^"\\])*"|[{}[\]:,]|[^"{}[\]:,]+/g, (token, at: number, whole: string) => {
      const closes = (token === '}' || token === ']') && trailing && !/[{[]\s*$/.test(whole.slice(0, at));
      return `${closes ? ',' : ''}${next()}${token}${next()}`;
    });
    return crlf ? text.replace(/\r?\n/g, '\r\n') : text.replaceAll('\r', '');
  });

  it('takes an edit at every place, and loses nothing', () => {
    fc.assert(fc.property(anyText, anyEdit, fc.nat(), (text, what, pick) => {
      const names = Object.keys(valueOf(text).experiments ?? {});
      inserted(text, what, pick % 2 === 0 ? undefined : names[pick % Math.max(1, names.length)]);
    }), { numRuns: 150, seed: 1 });
  });
});

describe('the experiment at a place', () => {
  it('is the one whose name or body holds it', () => {
    const text = insertEdit(fullSpec, 'a', edit, undefined).text;
    const at = (word: string): string | undefined => experimentAt(text, text.indexOf(word));
    expect(at('"elsewhere"')).toBe('house-to-the-right');
    expect(at('"house-to-the-right"')).toBe('house-to-the-right');
    expect(at('312, "red house"')).toBeUndefined();
    expect(experimentAt(text, text.indexOf('"add": 4'))).toBe('experiment-1');
    expect(at('"sweeps"')).toBeUndefined();
  });
});
