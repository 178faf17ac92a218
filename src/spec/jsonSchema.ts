import { Spec } from './schema.ts';

/** Languages that the descriptions are written in. */
export type Language = 'en' | 'ja';

/**
 * The JSON Schema (draft-07, self-contained) of `*.dmi.json`, for editors.
 * @param language of the descriptions
 */
export function jsonSchema(language: Language): object {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'DMI Lens, format 1', ...(translate(Spec, language) as object) };
}

/** A copy with every description in one language. */
function translate(part: unknown, language: Language): unknown {
  if (Array.isArray(part)) return part.map((item) => translate(item, language));
  if (typeof part !== 'object' || part === null) return part;
  const { 'x-ja': japanese, ...rest } = part as Record<string, unknown>;
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, translate(value, language)]));
  return language === 'ja' && japanese !== undefined ? { ...copy, description: japanese } : copy;
}
