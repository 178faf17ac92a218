import { createScanner, getLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { JsonPath } from './jsonPath.ts';

/** An error in the JSON itself, before any meaning. */
export interface SyntaxFault {
  /** No JSON, or too much of it. */
  readonly code: 'syntax' | 'size';
  readonly path: JsonPath;
  readonly offset: number;
  readonly length: number;
  readonly message: string;
  readonly remedy: string;
}

/** Deeper nesting than this means nothing in the format, and would exhaust the parser's stack. */
const deepest = 64;
/** Each fault costs a pass over the text, and the first ones tell the most. */
const mostFaults = 20;

const remedies: Readonly<Record<string, string>> = {
  ValueExpected: 'Write a value: a text in quotes, a number, true, a list or an object.',
  PropertyNameExpected: 'Write a key in double quotes.',
  CommaExpected: 'Put a comma between the two.',
  ColonExpected: 'Put a colon between key and value.',
  CloseBraceExpected: 'Close the object with }.',
  CloseBracketExpected: 'Close the list with ].',
  EndOfFileExpected: 'Remove what follows the closing brace.',
  UnexpectedEndOfString: 'Close the text with a double quote on the same line.',
  UnexpectedEndOfComment: 'Close the comment with */.',
  InvalidSymbol: 'Put texts in double quotes.',
};

/**
 * JSON with comments and trailing commas as a tree of nodes, each with its place.
 * Any text is taken; what is wrong with it comes back as faults, in their order in the text.
 */
export function readTree(text: string): { tree: Node | undefined; faults: SyntaxFault[] } {
  const tooDeep = findTooDeep(text);
  if (tooDeep !== undefined) {
    return { tree: undefined, faults: [{ code: 'size', path: [], offset: tooDeep, length: 1, message: `nested deeper than ${deepest} levels`, remedy: 'Flatten it.' }] };
  }
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const faults = errors.slice(0, mostFaults).map(({ error, offset, length }) => {
    const name = printParseErrorCode(error);
    return {
      code: 'syntax' as const,
      path: getLocation(text, offset).path.filter((part) => part !== ''), // an unfinished key stands there as ''
      offset, length,
      message: name.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase(),
      remedy: remedies[name] ?? 'Write JSON; comments and trailing commas are allowed.',
    };
  });
  return { tree, faults };
}

/** Where the nesting becomes too deep, or undefined. The scanner does not recurse. */
function findTooDeep(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (;;) {
    scanner.scan();
    const offset = scanner.getTokenOffset();
    if (offset >= text.length) return undefined;
    // A token is known by its first character: braces within texts and comments are not tokens.
    const first = text[offset];
    if (first === '{' || first === '[') depth++;
    if (first === '}' || first === ']') depth = Math.max(0, depth - 1);
    if (depth > deepest) return offset;
  }
}
