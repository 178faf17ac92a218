import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Texts that code below a folder gives to a `t` or `l10n.t`, with where they stand. */
export function translatedTexts(folder: string): { text: string; file: string }[] {
  return sources(folder).flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/(?<![\w$.])(?:l10n\.)?t\(\s*'((?:[^'\\]|\\.)*)'/g)]
    .map(([, literal = '']) => ({ text: literal.replace(/\\(.)/g, '$1'), file })));
}

/** Calls whose text a reader cannot see: no test could find its translation. */
export function hiddenTexts(folder: string): string[] {
  return sources(folder).flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/(?<![\w$.])l10n\.t\(\s*(?!')[^\n]*/g)].map(([call]) => `${file}: ${call}`));
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name)).map((name) => join(folder, name));
}
