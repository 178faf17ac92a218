import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { english, listed, phrase, say } from '../../../../src/base/phrase.ts';

const bundle = JSON.parse(readFileSync('l10n/bundle.l10n.ja.json', 'utf8')) as Readonly<Record<string, string>>;

/** A value within a template, with templates and braces inside it. */
const value = /\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\}/g;

/** The templates of all phrases in a folder, values as `{0}`. */
function templates(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(new RegExp(`phrase\`((?:[^\`$\\\\]|\\\\.|${value.source})*)\``, 'g'))]).map(([, template]) => {
    let index = 0;
    return template.replace(value, () => `{${index++}}`);
  });
}

describe('phrases', () => {
  it('read in English as they are written', () => {
    expect(english(phrase`${'a'} of ${listed(Array.from({ length: 14 }, (_, index) => String(index)))}; {x}`)).toBe('a of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, and 2 more; {x}');
    expect(english(phrase`${'{1}'} and ${'b'}`)).toBe('{1} and b');
  });

  it('are translated with their inner ones', () => {
    const backwards = (template: string, ...values: (string | number)[]) => [template, ...values].join('|');
    expect(say(phrase`no ${phrase`inner ${1}`}`, backwards)).toBe('no {0}|inner {0}|1');
  });

  it('have all been written in Japanese', () => {
    const all = templates('src');
    expect(all).toContain('none of the {0} steps falls into this window');
    expect([...new Set(all)].filter((template) => !Object.hasOwn(bundle, template))).toEqual([]);
  });
});
