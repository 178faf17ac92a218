import { findNodeAtLocation, type Node } from 'jsonc-parser';
import type { ParsedSpec } from '../../spec/parseSpec.ts';

/** A stretch of a text, in UTF-16 units. */
interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** An experiment that expects something. */
export interface ExpectingExperiment {
  readonly name: string;
  /** Measures under `expect`, in the order of the text, with their places. */
  readonly measures: readonly (Stretch & { readonly measure: string })[];
  /** Of its name. */
  readonly at: Stretch;
}

/** The experiments of a spec that can pass or fail; of a text that is broken, those that can be made out. */
export function expectingExperiments({ tree }: Pick<ParsedSpec, 'tree'>): ExpectingExperiment[] {
  const section = tree?.type === 'object' ? findNodeAtLocation(tree, ['experiments']) : undefined;
  return entriesOf(section).flatMap(({ name, key, value }) => {
    const expect = value.type === 'object' ? findNodeAtLocation(value, ['expect']) : undefined;
    const measures = entriesOf(expect).map((entry) => ({ measure: entry.name, offset: entry.key.offset, length: entry.key.length }));
    return measures.length === 0 ? [] : [{ name, measures, at: { offset: key.offset, length: key.length } }];
  });
}

function entriesOf(node: Node | undefined): { name: string; key: Node; value: Node }[] {
  if (node?.type !== 'object') return [];
  return (node.children ?? []).flatMap(({ children = [] }) => (children.length < 2 ? [] : [{ name: String(children[0].value), key: children[0], value: children[1] }]));
}
