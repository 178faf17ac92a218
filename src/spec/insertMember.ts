import type { Node } from 'jsonc-parser';

/** Text put into a document at an offset; nothing of the document is taken away. */
export interface Insertion {
  readonly offset: number;
  readonly text: string;
}

/** How a document is laid out. */
export interface Layout {
  readonly eol: string;
  /** One level of indentation. */
  readonly unit: string;
}

/** A member's text; what it puts on further lines begins with `indent`. */
type Render = (indent: string) => string;

/** Longest line that a member is added to; beyond it the member begins a line of its own. */
const widest = 120;

const lineBreak = /\r\n|\r|\n/;
const blankLine = /\r?\n[ \t]*\r?\n/;
/** What may stand between two members, white space apart. */
const betweenMembers = /,|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/|\r\n|\r|\n/g;

/** The layout of a document, read from its first line break and from the first member of its root that begins a line. */
export function layoutOf(text: string, root: Node): Layout {
  const indents = root.children?.map(({ offset }) => ownIndent(text, offset)) ?? [];
  return { eol: lineBreak.exec(text)?.[0] ?? '\n', unit: indents.find((indent) => indent !== undefined && indent !== '') ?? '  ' };
}

/**
 * Put one more member into an object or list, in the manner of its neighbours: on a line of its own where they stand on theirs, behind what
 * is said about the member before it, with a comma at its end where that is the custom.
 * @param before the member to stand behind; undefined where there is none at all
 */
export function insertMember(text: string, container: Node, before: Node | undefined, layout: Layout, render: Render): Insertion[] {
  return before === undefined ? insertFirst(text, container, layout, render) : insertBehind(text, container, before, layout, render);
}

/** Into an object or list without members; comments may stand in it. */
function insertFirst(text: string, container: Node, { eol, unit }: Layout, render: Render): Insertion[] {
  const open = container.offset + 1;
  const inside = text.slice(open, container.offset + container.length - 1);
  const comment = [...inside.matchAll(betweenMembers)].filter(([token]) => token.startsWith('/')).at(-1);
  const at = comment === undefined ? 0 : comment.index + comment[0].length;
  const outer = lineIndent(text, container.offset);
  const ending = lineBreak.test(inside.slice(at)) ? '' : eol + outer;
  return [{ offset: open + at, text: `${eol}${outer}${unit}${render(outer + unit)}${ending}` }];
}

function insertBehind(text: string, container: Node, before: Node, { eol, unit }: Layout, render: Render): Insertion[] {
  const children = container.children ?? [];
  const index = children.indexOf(before);
  const end = before.offset + before.length;
  const next = children.at(index + 1)?.offset ?? container.offset + container.length - 1;
  const { at, comma } = tailOf(text, end, next);
  const insert = (content: string): Insertion[] => {
    if (comma) return [{ offset: at, text: `${content},` }];
    return at === end ? [{ offset: at, text: `,${content}` }] : [{ offset: end, text: ',' }, { offset: at, text: content }];
  };

  const own = ownIndent(text, before.offset);
  if (own === undefined && !lineBreak.test(text.slice(at, next))) {
    const inline = render(lineIndent(text, before.offset));
    const fits = !lineBreak.test(inline) && at - lineStart(text, at) + inline.length <= widest;
    const embraced = lineBreak.test(text.slice(before.offset, end)); // [{ on one line, }] on another
    if (fits || embraced) return insert(` ${inline}`);
  }
  const indent = own ?? lineIndent(text, container.offset) + unit;
  const previous = children.at(Math.max(0, index - 1));
  const apart = previous !== undefined && previous !== before && blankLine.test(text.slice(previous.offset + previous.length, before.offset));
  return insert(`${apart ? eol : ''}${eol}${indent}${render(indent)}`);
}

/** Where a member ends whose last character stands before `end`: behind its comma, if it has one, and the comments on the same line. */
function tailOf(text: string, end: number, next: number): { at: number; comma: boolean } {
  const tokens = [...text.slice(end, next).matchAll(betweenMembers)];
  const comma = tokens.findIndex(([token]) => token === ',');
  let at = comma < 0 ? end : end + tokens[comma].index + 1;
  for (const { 0: token, index } of tokens.slice(comma + 1)) {
    if (!token.startsWith('/')) break;
    at = end + index + token.length;
  }
  return { at, comma: comma >= 0 };
}

function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
}

/** The white space that the line of `offset` begins with. */
function lineIndent(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';
}

/** The same where nothing else stands ahead of `offset` on its line; else undefined. */
function ownIndent(text: string, offset: number): string | undefined {
  const ahead = text.slice(lineStart(text, offset), offset);
  return /^[ \t]*$/.test(ahead) ? ahead : undefined;
}
