/** Control characters, and marks that turn the direction of what follows. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const unprintable = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** A text of anyone's as people may see it, of at most `most` characters: nothing in it but letters and line ends. */
export function printable(text: string, most: number): string {
  return cut(start(text, most), most);
}

/** The same on one line. */
export function oneLine(text: string, most: number): string {
  return cut(start(text, most).replace(/\s+/g, ' '), most);
}

/** More than can be shown; what comes after it is not looked at. */
function start(text: string, most: number): string {
  return text.slice(0, 4 * most + 2).replace(unprintable, ' ').trim();
}

function cut(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
