import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hiddenTexts, translatedTexts } from '../../support/editorTexts.ts';

const bundle = JSON.parse(readFileSync('l10n/bundle.l10n.ja.json', 'utf8')) as Readonly<Record<string, string>>;
const texts = ['src/editor', 'src/engine'].flatMap(translatedTexts);

function places(text: string): string[] {
  return [...text.matchAll(/\{\d+\}/g)].map(([place]) => place).sort();
}

describe('texts of the editor', () => {
  it('are found in the code', () => {
    expect(texts.map(({ text }) => text)).toContain('Run trace');
    expect(hiddenTexts('src/editor')).toEqual([]);
  });

  it('are all there in Japanese', () => {
    expect(texts.filter(({ text }) => !Object.hasOwn(bundle, text))).toEqual([]);
  });

  it('have the same values in both languages', () => {
    const uneven = Object.entries(bundle).filter(([english, japanese]) => places(english).join() !== places(japanese).join());
    expect(uneven).toEqual([]);
  });
});
