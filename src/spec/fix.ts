import { createScanner, findNodeAtLocation, type Node } from 'jsonc-parser';
import type { JsonPath } from './jsonPath.ts';
import { readTree } from './readTree.ts';

/** A change of a spec's text that takes a fault away. */
export type Fix =
  /** Put another value, or key, where this one stands. */
  | { readonly kind: 'replace'; readonly node: Node; readonly by: unknown }
  /** Take a key and its value, or an item of a list, away. */
  | { readonly kind: 'remove'; readonly path: JsonPath };

/** A stretch of the text and what takes its place. */
export interface Replacement {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** What a fix does to the text that its nodes come from; ascending, and apart from each other. */
export function replacementsOf(fix: Fix, text: string): Replacement[] {
  if (fix.kind === 'replace') return [{ offset: fix.node.offset, length: fix.node.length, text: oneLine(fix.by) }];
  const { tree } = readTree(text);
  const found = tree && findNodeAtLocation(tree, [...fix.path]);
  const node = found?.parent?.type === 'property' ? found.parent : found;
  return node === undefined ? [] : removal(node, text);
}

/** Take a member out of its object or list, with the comma that parted it from the next one or the one before. */
function removal(node: Node, text: string): Replacement[] {
  const end = node.offset + node.length;
  const comma = commaFrom(text, end);
  if (comma !== undefined) {
    const line = wholeLine(text, node.offset, comma + 1);
    return [line ?? cut(node.offset, comma + 1 + spaces(text, comma + 1))];
  }
  const siblings = node.parent?.children ?? [];
  const index = siblings.indexOf(node);
  const before = index > 0 ? siblings[index - 1] : undefined;
  if (before === undefined) return [cut(node.offset, end)];
  const beforeEnd = before.offset + before.length;
  if (/^[\s,]*$/.test(text.slice(beforeEnd, node.offset))) return [cut(beforeEnd, end)];
  const parting = commaFrom(text, beforeEnd) ?? beforeEnd; // what is said about the member before it stays
  return [cut(parting, parting + 1), wholeLine(text, node.offset, end) ?? cut(node.offset, end)];
}

function cut(offset: number, end: number): Replacement {
  return { offset, length: end - offset, text: '' };
}

/** Where the next token is, if it is a comma. */
function commaFrom(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  scanner.scan();
  const at = scanner.getTokenOffset();
  return text[at] === ',' ? at : undefined;
}

/** The line that holds nothing else, with its end. */
function wholeLine(text: string, offset: number, end: number): Replacement | undefined {
  const indent = /(?<=\n)[ \t]*$/.exec(text.slice(0, offset))?.[0].length;
  const rest = /^[ \t]*\r?\n/.exec(text.slice(end))?.[0].length;
  return indent === undefined || rest === undefined ? undefined : cut(offset - indent, end + rest);
}

function spaces(text: string, offset: number): number {
  return /^[ \t]*/.exec(text.slice(offset))?.[0].length ?? 0;
}

/** JSON on one line, with a space after each colon and comma, as people write it. */
export function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${oneLine(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
