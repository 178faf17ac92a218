import type { Node } from 'jsonc-parser';
import type { JsonPath } from './jsonPath.ts';
import { members } from './members.ts';

/** A value of a document that may be broken elsewhere, and the way to it. */
export interface Place {
  readonly node: Node;
  readonly path: JsonPath;
}

/** A member of an object. */
export interface Entry extends Place {
  readonly key: string;
  readonly keyNode: Node;
}

/** The whole document. */
export function top(node: Node | undefined): Place | undefined {
  return node && { node, path: [] };
}

/** The members of an object that have a value; none where it is no object. */
export function entriesOf(place: Place | undefined): Entry[] {
  if (place?.node.type !== 'object') return [];
  return members(place.node).flatMap(({ key, keyNode, value }) => (value === undefined ? [] : [{ key, keyNode, node: value, path: [...place.path, key] }]));
}

/** The value of a key. */
export function valueOf(place: Place | undefined, key: string): Place | undefined {
  if (place?.node.type !== 'object') return undefined;
  for (const { children } of place.node.children ?? []) {
    if (children?.[0]?.value === key && children.length > 1) return { node: children[1], path: [...place.path, key] };
  }
  return undefined;
}

/** The items of a list; none where it is no list. */
export function itemsOf(place: Place | undefined): Place[] {
  if (place?.node.type !== 'array') return [];
  return (place.node.children ?? []).map((node, index) => ({ node, path: [...place.path, index] }));
}

/** The text that stands there. */
export function textOf(place: Place | undefined): string | undefined {
  return place?.node.type === 'string' ? String(place.node.value) : undefined;
}
