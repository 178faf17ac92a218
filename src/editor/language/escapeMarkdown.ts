/**
 * A text of others as literal Markdown: whatever could be read as markup, link, icon or table stands as a character reference; line breaks and other control
 * characters are shown as `�`.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\p{C}/gu, '\uFFFD')
    .replace(/[^\p{L}\p{N}\uFFFD ._,]/gu, (character) => `&#${character.codePointAt(0) ?? 0};`)
    .replaceAll('_', '\\_')
    .replace(/www\./gi, (prefix) => `${prefix.slice(0, -1)}&#46;`); // it would become a link by itself
}
