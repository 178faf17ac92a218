import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { longestSpec, parseSpec, requireSpec } from '../../../src/spec/parseSpec.ts';
import { fullSpec, specWith } from '../../support/specs.ts';

/** `line:column path: message` of every problem. */
function problems(text: string): string[] {
  return parseSpec(text, 'a.dmi.json').problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

/** Messages about a spec whose parts are replaced by `parts`. */
function complaints(parts: object): string[] {
  return parseSpec(JSON.stringify(specWith(parts)), 'a.dmi.json').problems.map(({ path, message, remedy }) => `${path}: ${message} | ${remedy}`);
}

const edit = { site: 'mid_block.attentions.0', concept: 'house', add: 6 };

describe('what is accepted', () => {
  it('the whole example of the format, with its comments and trailing commas', () => {
    const parsed = parseSpec(fullSpec, 'a.dmi.json');
    expect(parsed.problems).toEqual([]);
    expect(parsed.spec?.experiments?.['house-to-the-right'].edits[0]).toMatchObject({ add: 6, unit: 'mean', where: 'right', during: 'early' });
  });

  it('every example that is shipped', async () => {
    const text = await readFile(new URL('../../../examples/first/house.dmi.json', import.meta.url), 'utf8');
    expect(problems(text)).toEqual([]);
  });

  it.each([
    'everywhere', 'bottom-right', { box: [0, 0.5, 1, 1] }, { polygon: [[0, 0], [1, 0], [1, 1]] }, { mask: 'mask.png' }, { concept: 12, above: 0.1 },
  ])('the region %j', (where) => {
    expect(complaints({ experiments: { e: { edits: [{ ...edit, where }] } } })).toEqual([]);
  });

  it.each(['early', 'all', { from: 1, to: 0.6 }, { from: 0.5, to: 0.45 }, { steps: [0, 29] }])('the window %j', (during) => {
    expect(complaints({ experiments: { e: { edits: [{ ...edit, during }] } } })).toEqual([]);
  });
});

describe('what is wrong, and where', () => {
  it('an unknown key, with the one that was meant, at its line and column', () => {
    expect(problems('{\n  "dmi": 1, "model": "m",\n  "sample": { "prompt": "x", "step": 30 }\n}')).toEqual([
      '3:30 $.sample.step: unknown key "step"; did you mean "steps"?',
    ]);
  });

  it('a value of the wrong type, with what would be accepted', () => {
    expect(complaints({ sample: { prompt: 'x', steps: '30' } })).toEqual(['$.sample.steps: "30" is not accepted here | Write a whole number from 1 to 1000.']);
    expect(complaints({ sample: { prompt: 'x', seeds: [0, -1] } })[0]).toMatch(/^\$\.sample\.seeds\[1\]: -1 is not accepted here/);
  });

  it('a missing key', () => {
    expect(complaints({ sample: {} })).toEqual(['$.sample: "prompt" is missing | Add "prompt": a text of at most 2000 characters.']);
  });

  it('a key that stands twice', () => {
    expect(problems('{"dmi":1,"dmi":1,"model":"m","sample":{"prompt":"x"}}')).toEqual(['1:10 $.dmi: "dmi" stands here twice']);
  });

  it.each([
    [{ add: 1, set: 2 }, '"add" and "set" exclude each other'],
    [{ ablate: false }, 'false is not known'],
    [{}, 'nothing says what to do'],
    [{ add: 1, where: 'centre' }, '"centre" is not known; did you mean "center"?'],
    [{ add: 1, where: { bx: [0, 0, 1, 1] } }, 'unknown key "bx"; did you mean "box"?'],
    [{ add: 1, where: { box: [0.5, 0, 0.5, 1] } }, 'the box is empty'],
    [{ add: 1, where: { box: [0, 0, 1, 1.5] } }, '1.5 is not accepted here'],
    [{ add: 1, where: { polygon: [[0, 0], [0.5, 0.5], [1, 1]] } }, 'the polygon encloses no area'],
    [{ add: 1, during: { from: 0.2, to: 0.6 } }, 'the window ends before it starts'],
    [{ add: 1, during: { from: 0.985, to: 0.98 } }, 'none of the 30 steps falls into this window'],
    [{ add: 1, during: { steps: [3, 2] } }, 'the window ends before it starts'],
    [{ add: 1, during: { steps: [0, 30] } }, 'step 30 does not exist'],
    [{ scale: 0, unit: 'mean' }, '"unit" changes nothing here'],
  ])('the edit %j', (change, message) => {
    const { site, concept } = edit;
    expect(complaints({ experiments: { e: { edits: [{ site, concept, ...change }] } } })).toEqual(
      expect.arrayContaining([expect.stringMatching(new RegExp(`^\\$\\.experiments\\.e\\.edits\\[0\\].*: ${message.replace(/[?.]/g, '\\$&')}`))]),
    );
  });

  it('a number that JSON cannot hold', () => {
    expect(problems('{"dmi":1,"model":"m","sample":{"prompt":"x","guidanceScale":1e999}}')).toEqual([
      '1:61 $.sample.guidanceScale: a number beyond all bounds is not accepted here',
    ]);
  });

  it('a traced step beyond the last one', () => {
    expect(complaints({ trace: { steps: [0, 30] } })).toEqual(['$.trace.steps[1]: step 30 does not exist | There are 30 steps: write 0 to 29.']);
  });

  it.each([
    [{ scheduler: 'heun', steps: 10 }, 18], [{ scheduler: 'euler', steps: 10 }, 9], [{ scheduler: 'pndm', steps: 10 }, 18], [{ steps: 10 }, 18], [{ steps: 30 }, 58],
  ])('a step that no %j makes', (sample, last) => {
    const of = (step: number) => complaints({ sample: { prompt: 'a house', ...sample }, trace: { steps: [0, step] } });
    expect(of(last)).toEqual([]);
    expect(of(last + 1)).toEqual([`$.trace.steps[1]: step ${last + 1} does not exist | There are ${last + 1} steps: write 0 to ${last}.`]);
  });

  it('no window of time where only the pipeline knows the timesteps', () => {
    const narrow = { experiments: { house: { edits: [{ ...edit, during: { from: 0.985, to: 0.98 } }] } } };
    expect(complaints({ sample: { prompt: 'a house', scheduler: 'dpmpp-2m' }, ...narrow })).toEqual([]);
    expect(complaints({ sample: { prompt: 'a house', scheduler: 'ddpm' }, ...narrow })).toHaveLength(1);
  });

  it('a sweep over no experiment, over no key, and over values the experiment does not take', () => {
    const experiments = { house: { edits: [edit] } };
    const sweep = (of: string, vary: object) => complaints({ experiments, sweeps: { s: { of, vary } } });
    expect(sweep('hose', { '/edits/0/add': [1] })).toEqual(['$.sweeps.s.of: no experiment is called "hose"; did you mean "house"? | Experiments here: house.']);
    expect(sweep('house', { '/edits/1/add': [1] })[0]).toContain('"/edits/1/add" leads nowhere in the experiment');
    expect(sweep('house', { '/edits/0/ad': [1] })[0]).toContain('unknown key "ad"; did you mean "add"?');
    expect(sweep('house', { '/edits/0/set': [1] })[0]).toContain('"add" and "set" exclude each other');
    expect(sweep('house', { '/edits/0/during': ['early', 'later'] })[0]).toMatch(/^\$\.sweeps\.s\.vary\["\/edits\/0\/during"\]\[1\]: .*"later" is not known/);
    expect(sweep('house', { '/edits/0/during': ['early', { steps: [0, 5] }], '/edits/0/add': [2, 4] })).toEqual([]);
  });

  it('a search whose range is empty, or cannot be logarithmic', () => {
    const search = (range: object) => complaints({
      experiments: { house: { edits: [edit] } },
      searches: { s: { of: 'house', over: { '/edits/0/add': range }, maximize: 'presence:house' } },
    });
    expect(search({ from: 2, to: 2 })[0]).toContain('the range from 2 to 2 is empty');
    expect(search({ from: 0, to: 2, log: true })[0]).toContain('a logarithmic range cannot start at 0');
    expect(search({ from: 0.5, to: 32, log: true })).toEqual([]);
  });

  it('bounds that nothing can keep', () => {
    expect(complaints({ experiments: { e: { edits: [edit], expect: { clip: { min: 1, max: 0 } } } } })[0]).toContain('nothing lies between 1 and 0');
  });

  it('keys that people choose, with what they may be', () => {
    expect(complaints({ experiments: { e: { edits: [edit], expect: { 'presense:house': { min: 1 } } } } })).toEqual([
      '$.experiments.e.expect["presense:house"]: "presense:house" is not accepted as a key | Write presence:NOUN, iou:NOUN or centre:NOUN; clip; perceptual, ssim or mse, also as inside. and outside. the region; ood.',
    ]);
    expect(complaints({ experiments: { 'a/b': { edits: [edit] } } })[0]).toContain('Write a name of up to 80 characters');
  });

  it('broken JSON, at the place where it breaks', () => {
    expect(problems('{\n  "dmi": 1\n  "model": "m" }')).toEqual(['3:3 $.model: comma expected']);
    expect(problems('')).toEqual(['1:1 $: value expected']);
  });

  it('too much of it', () => {
    expect(problems('['.repeat(100_000))).toEqual(['1:65 $: nested deeper than 64 levels']);
    expect(problems(' '.repeat(longestSpec + 1))[0]).toContain('the file has 4194305 characters');
  });
});

describe('requireSpec', () => {
  it('throws the first error, with its place, and counts the others', () => {
    const error = catchError(() => requireSpec(parseSpec('{"dmi":1,\n"model":"m","sample":{"promt":"x"}}', 'a.dmi.json')));
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).describe()).toBe(
      'a.dmi.json: 2:22 $.sample: "prompt" is missing (and 1 more: dmi check lists them)\n  Add "prompt": a text of at most 2000 characters.',
    );
  });

  it('lets warnings pass', () => {
    const text = JSON.stringify(specWith({ experiments: { e: { edits: [{ site: 's', concept: 1, ablate: true, unit: 'raw' }] } } }));
    expect(parseSpec(text, 'a').problems.map(({ severity }) => severity)).toEqual(['warning']);
    expect(requireSpec(parseSpec(text, 'a')).dmi).toBe(1);
  });
});

describe('any text', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    // The example with one stretch replaced: close to right is where parsers fail.
    fc.tuple(fc.nat(fullSpec.length), fc.nat(40), fc.oneof(fc.string(), fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '/*', '\\', 'null', '"__proto__": {},')))
      .map(([at, length, text]) => fullSpec.slice(0, at) + text + fullSpec.slice(at + length)),
  );

  it('is read without a throw, and every problem has a place inside it', () => {
    fc.assert(fc.property(anyText, (text) => {
      const { problems: found, spec } = parseSpec(text, 'a');
      expect(spec === undefined).toBe(found.some(({ severity }) => severity === 'error'));
      const lines = text.split(/\r\n|\r|\n/);
      for (const { range, line, column, message, remedy, path } of found) {
        expect(range.offset).toBeGreaterThanOrEqual(0);
        expect(range.length).toBeGreaterThanOrEqual(0);
        expect(range.offset + range.length).toBeLessThanOrEqual(text.length);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(column).toBeLessThanOrEqual(lines[line - 1].length + 2);
        expect(message.length > 0 && remedy.length > 0 && path.startsWith('$')).toBe(true);
      }
    }), { numRuns: 400, seed: 1 });
  });
});

function catchError(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
