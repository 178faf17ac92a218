import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { insertMember, layoutOf, type Insertion, type Layout } from './insertMember.ts';
import { members } from './members.ts';
import { parseSpec, requireSpec } from './parseSpec.ts';
import { readTree } from './readTree.ts';
import type { Edit } from './schema.ts';

/** A change to a spec's text that adds one edit. */
export interface EditInsertion {
  /** Applied together, to the text as it was; ascending. */
  readonly insertions: readonly Insertion[];
  /** The text afterwards. */
  readonly text: string;
  /** The experiment that holds the edit. */
  readonly experiment: string;
  /** Where the new edit stands in the new text. */
  readonly range: { readonly offset: number; readonly length: number };
}

/** Parts of a spec that stand ahead of its experiments. */
const partsAhead: readonly string[] = ['dmi', 'model', 'saes', 'judge', 'sample', 'trace'];
/** Longest edit on one line. */
const widest = 120;

/**
 * Add an edit to a spec's text. Comments, indentation, line ends and the custom of trailing commas stay as they are.
 * @param file what the text is known as. @param experiment the one to add to; undefined, or one that is not there: a new one
 * @throws InputError when the spec has errors, or would have one afterwards
 */
export function insertEdit(text: string, file: string, edit: Edit, experiment: string | undefined): EditInsertion {
  const root = treeOf(text, file);
  const layout = layoutOf(text, root);
  const edits = experiment === undefined ? undefined : findNodeAtLocation(root, ['experiments', experiment, 'edits']);
  const name = edits === undefined || experiment === undefined ? newName(root) : experiment;
  const insertions = edits === undefined
    ? insertExperiment(text, root, layout, (indent) => experimentText(name, edit, indent, layout))
    : insertMember(text, edits, edits.children?.at(-1), layout, (indent) => editText(edit, indent, layout));

  const changed = applyInsertions(text, insertions);
  const added = findNodeAtLocation(treeOf(changed, file), ['experiments', name, 'edits', edits?.children?.length ?? 0]);
  return { insertions, text: changed, experiment: name, range: { offset: added?.offset ?? 0, length: added?.length ?? 0 } };
}

/** The experiment that a place in a spec's text belongs to; undefined outside all of them. */
export function experimentAt(text: string, offset: number): string | undefined {
  const { tree } = readTree(text);
  const experiments = tree && findNodeAtLocation(tree, ['experiments']);
  return experiments && members(experiments).find(({ keyNode, value }) => {
    const end = value === undefined ? keyNode.offset + keyNode.length : value.offset + value.length;
    return offset >= keyNode.offset && offset <= end;
  })?.key;
}

function insertExperiment(text: string, root: Node, layout: Layout, render: (indent: string) => string): Insertion[] {
  const experiments = findNodeAtLocation(root, ['experiments']);
  if (experiments !== undefined) return insertMember(text, experiments, experiments.children?.at(-1), layout, render);
  const before = root.children?.findLast(({ children }) => partsAhead.includes(String(children?.at(0)?.value)));
  const { eol, unit } = layout;
  return insertMember(text, root, before, layout, (indent) => `"experiments": {${eol}${indent}${unit}${render(indent + unit)}${eol}${indent}}`);
}

/** `experiment-1`, or the first such name that is free. */
function newName(root: Node): string {
  const experiments = findNodeAtLocation(root, ['experiments']);
  const taken = new Set(experiments === undefined ? [] : members(experiments).map(({ key }) => key));
  let number = 1;
  while (taken.has(`experiment-${number}`)) number += 1;
  return `experiment-${number}`;
}

function experimentText(name: string, edit: Edit, indent: string, layout: Layout): string {
  const { eol, unit } = layout;
  const [inner, innermost] = [indent + unit, indent + unit + unit];
  return `${JSON.stringify(name)}: {${eol}${inner}"edits": [${eol}${innermost}${editText(edit, innermost, layout)}${eol}${inner}]${eol}${indent}}`;
}

/** On one line where that is short enough, else a line for each key. */
function editText(edit: Edit, indent: string, { eol, unit }: Layout): string {
  const parts = Object.entries(edit).map(([key, value]) => `${JSON.stringify(key)}: ${spaced(value)}`);
  const line = `{ ${parts.join(', ')} }`;
  return indent.length + line.length <= widest ? line : `{${eol}${parts.map((part) => indent + unit + part).join(`,${eol}`)}${eol}${indent}}`;
}

/** JSON on one line, spaced as people write it. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${spaced(inner)}`).join(', ')} }`;
}

function applyInsertions(text: string, insertions: readonly Insertion[]): string {
  let result = '';
  let done = 0;
  for (const { offset, text: added } of insertions) {
    result += text.slice(done, offset) + added;
    done = offset;
  }
  return result + text.slice(done);
}

/** The tree of a spec without errors. */
function treeOf(text: string, file: string): Node {
  const parsed = parseSpec(text, file);
  requireSpec(parsed);
  if (parsed.tree === undefined) throw new RangeError('a spec without errors has a tree');
  return parsed.tree;
}
