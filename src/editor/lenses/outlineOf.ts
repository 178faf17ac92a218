import { findNodeAtLocation, type Node } from 'jsonc-parser';
import type { LineMap } from '../../spec/lineMap.ts';

/** Parts of a spec that can be run by themselves, in the order of the format. */
const partKinds = ['experiments', 'sweeps', 'searches', 'studies'] as const;
export type PartKind = typeof partKinds[number];

export interface SpecPart {
  readonly kind: PartKind;
  readonly name: string;
}

/** Where the lenses of a spec stand. */
export interface SpecOutline {
  /** Of the root object, from 0. */
  readonly line: number;
  readonly parts: readonly (SpecPart & {
    /** Of its name, from 0. */
    readonly line: number;
  })[];
}

/** The runnable parts of a spec's text. @param tree any JSON is taken. @param lines of its text */
export function outlineOf(tree: Node, lines: LineMap): SpecOutline {
  return {
    line: lines.at(tree.offset).line - 1,
    parts: partKinds.flatMap((kind) => {
      const section = tree.type === 'object' ? findNodeAtLocation(tree, [kind]) : undefined;
      if (section?.type !== 'object') return [];
      return (section.children ?? []).flatMap(({ children = [] }) =>
        children.length < 2 ? [] : [{ kind, name: String(children[0].value), line: lines.at(children[0].offset).line - 1 }]); // a key alone is still being written
    }),
  };
}
