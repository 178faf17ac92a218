import type { Node } from 'jsonc-parser';

/** Keys and values of an object node; a key whose value is missing in broken text has none. */
export function members(node: Node): { key: string; keyNode: Node; value: Node | undefined }[] {
  return (node.children ?? []).flatMap(({ children }) => {
    const keyNode = children?.at(0);
    return keyNode === undefined ? [] : [{ key: String(keyNode.value), keyNode, value: children?.at(1) }];
  });
}
