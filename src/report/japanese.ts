import bundle from '../../l10n/bundle.l10n.ja.json';
import { fillIn, say, type Phrase } from '../base/phrase.ts';

const templates: Readonly<Record<string, string>> = bundle;

/** A sentence in Japanese, as the editor says it; in English what nobody has translated, such as the words of a library. */
export function japanese(sentence: Phrase): string {
  return say(sentence, (template, ...values) => fillIn(Object.hasOwn(templates, template) ? templates[template] : template, ...values));
}
