import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findPrompt, specTemplates } from '../../../src/editor/jobs/specTemplates.ts';
import { parseSpec } from '../../../src/spec/parseSpec.ts';
import { inEnglish } from '../../support/translate.ts';

const japanese = JSON.parse(await readFile('l10n/bundle.l10n.ja.json', 'utf8')) as Readonly<Record<string, string>>;
const languages = { English: inEnglish, Japanese: (message: string) => japanese[message] ?? message };

describe.each(Object.entries(languages))('templates in %s', (_, t) => {
  it.each(specTemplates(t).map((template) => [template.id, template] as const))('%s is a spec without problems', (id, { text, question }) => {
    expect(parseSpec(text, `${id}.dmi.json`).problems).toEqual([]);
    expect(text.startsWith(`// ${question}\n`)).toBe(true);
  });

  it.each(specTemplates(t).map((template) => [template.id, template.text] as const))('the prompt of %s is found, so that the cursor can wait there', (id, text) => {
    const { offset, length } = findPrompt(text);
    expect(text.slice(offset, offset + length)).toBe(parseSpec(text, id).spec?.sample.prompt);
  });
});

describe('templates', () => {
  it('have ids of their own, which become file names', () => {
    const ids = specTemplates(inEnglish).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[a-z]+$/.test(id))).toBe(true);
  });

  it('need what their parts need', () => {
    for (const { id, text, needs } of specTemplates(inEnglish)) {
      const { experiments, sweeps, searches } = parseSpec(text, id).spec ?? {};
      expect([id, needs]).toEqual([id, searches !== undefined ? 'searches' : sweeps !== undefined ? 'sweeps' : experiments !== undefined ? 'experiments' : 'trace']);
    }
  });

  it('edit a concept that the built-in SAEs have', async () => {
    const edits = specTemplates(inEnglish).flatMap(({ id, text }) => Object.values(parseSpec(text, id).spec?.experiments ?? {}).flatMap((experiment) => experiment.edits));
    expect(edits.length).toBeGreaterThan(0);
    for (const { site, concept } of edits) {
      const labels = await readFile(`models/scenes/saes/${site}/dmi-labels.json`, 'utf8');
      expect(labels).toContain(`"label":"${String(concept)}"`);
    }
  });
});
