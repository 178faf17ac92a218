/** Line ends, other control characters, and marks that turn the direction of what follows. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const unprintable = /[\s\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** A text of anyone's as one line of at most `most` characters. */
export function oneLine(text: string, most: number): string {
  const line = Array.from(text.slice(0, 2 * most + 2).replace(unprintable, ' ').trim());
  return line.length <= most ? line.join('') : `${line.slice(0, most - 1).join('')}…`;
}
