import { modify, type JSONPath, type Node } from 'jsonc-parser';
import type { JsonPath } from './jsonPath.ts';

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

/** What a fix does to the text that its nodes come from. */
export function replacementsOf(fix: Fix, text: string): Replacement[] {
  if (fix.kind === 'replace') return [{ offset: fix.node.offset, length: fix.node.length, text: oneLine(fix.by) }];
  return modify(text, [...fix.path] as JSONPath, undefined, {}).map(({ offset, length, content }) => ({ offset, length, text: content }));
}

/** JSON on one line, with a space after each colon and comma, as people write it. */
export function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${oneLine(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
