/** A sentence with its values apart, so that an editor can say it in another language. */
export interface Phrase {
  /** In English; `{0}` stands for the first value. */
  readonly text: string;
  readonly values: readonly (string | number | Phrase)[];
}

/** Template tag: the sentence as it reads in English. */
export function phrase(strings: TemplateStringsArray, ...values: Phrase['values']): Phrase {
  return { text: strings.reduce((text, next, index) => `${text}{${index - 1}}${next}`), values };
}

/** A sentence of its own, or a text that is one value. */
export function toPhrase(text: Phrase | string): Phrase {
  return typeof text === 'string' ? phrase`${text}` : text;
}

/** The sentence in English. */
export function english(sentence: Phrase): string {
  return say(sentence, fillIn);
}

/** A template with values in its places. */
export function fillIn(template: string, ...values: (string | number)[]): string {
  return template.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)]));
}

/** The sentence in any language. @param translate a template and what stands in its places, as `vscode.l10n.t` */
export function say({ text, values }: Phrase, translate: (template: string, ...values: (string | number)[]) => string): string {
  return translate(text, ...values.map((value) => (typeof value === 'object' ? say(value, translate) : value)));
}

/** The first dozen of some names. */
export function listed(names: readonly string[]): Phrase {
  const shown = names.slice(0, 12).join(', ');
  return names.length <= 12 ? phrase`${shown}` : phrase`${shown}, and ${names.length - 12} more`;
}
