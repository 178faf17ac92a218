import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser';
import { InputError } from '../base/errors.ts';
import { checkMeaning } from './checkMeaning.ts';
import { formatPath, type JsonPath } from './jsonPath.ts';
import { LineMap } from './lineMap.ts';
import { readTree } from './readTree.ts';
import { Spec } from './schema.ts';
import { viewSchema } from './schemaView.ts';
import { validate } from './validate.ts';

/** Something wrong in a spec, with its place. */
export interface Problem {
  /** A warning does not keep the spec from running. */
  readonly severity: 'error' | 'warning';
  /** JSON path, e.g. `$.sample.seeds[2]`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  readonly message: string;
  /** What would be accepted, or the next step. */
  readonly remedy: string;
  /** Within the text, in UTF-16 units. */
  readonly range: { readonly offset: number; readonly length: number };
}

/** A spec's text, read: values, places and problems. */
export interface ParsedSpec {
  /** The file as the user knows it. */
  readonly file: string;
  /** Absent as long as there are errors. */
  readonly spec?: Spec;
  /** Errors and warnings in the order of the text. */
  readonly problems: readonly Problem[];
  /** `line:column path` of the value at a path, or of its nearest ancestor in the text. */
  placeOf(path: JsonPath): string;
}

/** Longest accepted text, in UTF-16 units. */
export const longestSpec = 4 * 1024 * 1024;

/**
 * Read the text of a `*.dmi.json`. Never throws: whatever is wrong is among the problems.
 * @param file what the problems' readers know the text as.
 */
export function parseSpec(text: string, file: string): ParsedSpec {
  const lines = new LineMap(text);
  const problems: Problem[] = [];
  let root: Node | undefined;

  function add(severity: Problem['severity'], path: JsonPath, offset: number, length: number, message: string, remedy: string): void {
    const start = Math.min(offset, text.length);
    problems.push({
      severity, path: formatPath(path), ...lines.at(start), message, remedy,
      range: { offset: start, length: Math.min(length, text.length - start) },
    });
  }

  if (text.length > longestSpec) {
    add('error', [], 0, 0, `the file has ${text.length} characters`, `Keep a spec below ${longestSpec} characters.`);
  } else {
    const { tree, faults } = readTree(text);
    root = tree;
    for (const { path, offset, length, message, remedy } of faults) add('error', path, offset, length, message, remedy);
    if (tree !== undefined && faults.length === 0) {
      const findings = validate(viewSchema(Spec), tree);
      for (const { node, path, message, remedy } of findings) add('error', path, node.offset, node.length, message, remedy);
      if (findings.length === 0) {
        for (const { severity, node, path, message, remedy } of checkMeaning(tree)) add(severity, path, node.offset, node.length, message, remedy);
      }
    }
  }
  problems.sort((a, b) => a.range.offset - b.range.offset);

  return {
    file,
    problems,
    ...(root !== undefined && !problems.some(({ severity }) => severity === 'error') && { spec: getNodeValue(root) as Spec }),
    placeOf(path) {
      const { line, column } = lines.at(root === undefined ? 0 : nearest(root, path).offset);
      return `${line}:${column} ${formatPath(path)}`;
    },
  };
}

/**
 * The spec of a parsed text.
 * @throws InputError for its first error, with the number of others.
 */
export function requireSpec(parsed: ParsedSpec): Spec {
  if (parsed.spec !== undefined) return parsed.spec;
  const [{ message, line, column, path, remedy }, ...others] = parsed.problems.filter(({ severity }) => severity === 'error');
  throw new InputError(others.length === 0 ? message : `${message} (and ${others.length} more: dmi check lists them)`, {
    file: parsed.file, place: `${line}:${column} ${path}`, remedy,
  });
}

/** The node at a path, or at the longest part of it that exists. */
function nearest(root: Node, path: JsonPath): Node {
  return findNodeAtLocation(root, [...path]) ?? (path.length === 0 ? root : nearest(root, path.slice(0, -1)));
}
