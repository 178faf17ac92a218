import type { Node } from 'jsonc-parser';
import { readTree } from '../../src/spec/readTree.ts';

/** The tree of a text that is JSON. */
export function specTree(text: string): Node {
  const { tree } = readTree(text);
  if (tree === undefined) throw new Error('the text holds nothing');
  return tree;
}
