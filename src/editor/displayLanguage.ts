import { env } from 'vscode';
import type { Language } from '../spec/jsonSchema.ts';

/** The language of the editor, for what carries its own texts: the schema, reports and panels. */
export function displayLanguage(): Language {
  return env.language.startsWith('ja') ? 'ja' : 'en';
}
