import { findNodeAtLocation, findNodeAtOffset, getNodePath, type Node } from 'jsonc-parser';
import { parsePointer } from '../../spec/jsonPath.ts';
import { entriesOf, top, valueOf } from '../../spec/place.ts';

/** Where something is defined: the word that leads there, and what it leads to. */
export interface Definition {
  readonly from: Node;
  /** What to show. */
  readonly to: Node;
  /** What to put the cursor on. */
  readonly name: Node;
}

/** What `of`, or a JSON pointer of a sweep or search, leads to. @param tree of any document */
export function definitionAt(tree: Node, offset: number): Definition | undefined {
  const from = findNodeAtOffset(tree, offset, true);
  if (from?.type !== 'string') return undefined;
  const isKey = from.parent?.type === 'property' && from.parent.children?.[0] === from;
  const path = getNodePath(from);
  const [section, name, key, pointer] = path;
  if (section !== 'sweeps' && section !== 'searches') return undefined;
  const of: unknown = findNodeAtLocation(tree, [section, name, 'of'])?.value;
  const experiment = entriesOf(valueOf(top(tree), 'experiments')).find((entry) => entry.key === of);
  if (experiment === undefined) return undefined;
  if (key === 'of' && path.length === 3 && !isKey) return { from, to: experiment.node, name: experiment.keyNode };
  if (!isKey || (key !== 'vary' && key !== 'over') || path.length !== 4) return undefined;
  const to = valueAt(experiment.node, parsePointer(String(pointer)));
  return to && { from, to, name: to };
}

/** The value at the parts of a pointer, or the last one on the way there. */
function valueAt(node: Node, parts: readonly string[]): Node | undefined {
  let at = node;
  for (const part of parts) {
    const next = findNodeAtLocation(at, [at.type === 'array' ? Number(part) : part]);
    if (next === undefined) break;
    at = next;
  }
  return at === node ? undefined : at;
}
