import type { Node } from 'jsonc-parser';
import { members } from './members.ts';

/**
 * A copy of a tree in which the value at `parts` is another node; the rest is shared, and every node keeps its place in the text.
 * @returns undefined when there is no object or list to hold the last part.
 */
export function splice(tree: Node, parts: readonly string[], replacement: Node): Node | undefined {
  if (parts.length === 0) return replacement;
  const [part, ...rest] = parts;
  const children = tree.children ?? [];

  if (tree.type === 'array') {
    const index = /^(?:0|[1-9]\d*)$/.test(part) ? Number(part) : -1;
    const item = children.at(index);
    const changed = index < 0 || item === undefined ? undefined : splice(item, rest, replacement);
    return changed === undefined ? undefined : { ...tree, children: children.with(index, changed) };
  }
  if (tree.type !== 'object') return undefined;

  const index = members(tree).findIndex(({ key }) => key === part);
  if (index < 0) {
    return rest.length > 0 ? undefined : { ...tree, children: [...children, newProperty(part, replacement)] };
  }
  const property = children[index];
  const [keyNode, value] = property.children ?? [];
  const changed = splice(value, rest, replacement);
  return changed === undefined ? undefined : { ...tree, children: children.with(index, { ...property, children: [keyNode, changed] }) };
}

function newProperty(key: string, value: Node): Node {
  const { offset, length } = value;
  return { type: 'property', offset, length, children: [{ type: 'string', value: key, offset, length }, value] };
}
