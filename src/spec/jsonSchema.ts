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

/** A copy with every description in one language: of a part, and of each word it accepts. */
function translate(part: unknown, language: Language): unknown {
  if (Array.isArray(part)) return part.map((item) => translate(item, language));
  if (typeof part !== 'object' || part === null) return part;
  const { 'x-ja': japanese, 'x-ja-enum': japaneseWords, ...rest } = part as Record<string, unknown>;
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, translate(value, language)]));
  if (language === 'en') return copy;
  return { ...copy, ...(japanese !== undefined && { description: japanese }), ...(japaneseWords !== undefined && { enumDescriptions: japaneseWords }) };
}
