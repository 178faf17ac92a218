import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser';
import { InputError } from '../base/errors.ts';
import { english, phrase, toPhrase, type Phrase } from '../base/phrase.ts';
import { checkMeaning } from './checkMeaning.ts';
import type { Fix } from './fix.ts';
import { formatPath, type JsonPath } from './jsonPath.ts';
import { LineMap } from './lineMap.ts';
import { readTree } from './readTree.ts';
import type { Remark, RemarkCode } from './remark.ts';
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
  /** What kind of fault this is: `syntax` is no JSON, `size` too much of it, `schema` what any validator with our schema finds. */
  readonly code: RemarkCode | 'syntax' | 'schema' | 'size';
  /** Message and remedy for translation, where they are more than the words of the schema. */
  readonly phrases?: { readonly message: Phrase; readonly remedy: Phrase };
  readonly fixes: readonly Fix[];
}

/** A spec's text, read: values, places and problems. */
export interface ParsedSpec {
  /** The file as the user knows it. */
  readonly file: string;
  /** Absent as long as there are errors. */
  readonly spec?: Spec;
  /** What could be read; of a text that is no JSON, as much as could be made out. */
  readonly tree: Node | undefined;
  /** Lines of the text. */
  readonly lines: LineMap;
  /** Errors and warnings in the order of the text. */
  readonly problems: readonly Problem[];
  /** Remarks that others make about the tree, as problems. */
  readonly problemsOf: (remarks: readonly Remark[]) => Problem[];
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
  /** Fits the schema; whether it makes sense is among the problems. */
  let spec: Spec | undefined;

  const problem = (at: { path: JsonPath; offset: number; length: number }, rest: Omit<Problem, 'path' | 'line' | 'column' | 'range'>): Problem => {
    const offset = Math.min(at.offset, text.length);
    return { ...rest, path: formatPath(at.path), ...lines.at(offset), range: { offset, length: Math.min(at.length, text.length - offset) } };
  };
  const problemsOf = (remarks: readonly Remark[]): Problem[] => remarks.map(({ node: { offset, length }, path, severity, code, message, remedy, fixes }) => problem(
    { path, offset, length }, { severity, code, message: english(message), remedy: english(remedy), phrases: { message, remedy }, fixes },
  ));

  if (text.length > longestSpec) {
    const phrases = { message: phrase`the file has ${text.length} characters`, remedy: phrase`Keep a spec below ${longestSpec} characters.` };
    problems.push(problem({ path: [], offset: 0, length: 0 }, {
      severity: 'error', code: 'size', message: english(phrases.message), remedy: english(phrases.remedy), phrases, fixes: [],
    }));
  } else {
    const { tree, faults } = readTree(text);
    root = tree;
    for (const { code, message, remedy, ...at } of faults) problems.push(problem(at, { severity: 'error', code, message, remedy, fixes: [] }));
    if (tree !== undefined && faults.length === 0) {
      const findings = validate(viewSchema(Spec), tree);
      for (const { node: { offset, length }, path, ...rest } of findings) problems.push(problem({ path, offset, length }, { severity: 'error', code: 'schema', ...rest }));
      if (findings.length === 0) {
        spec = getNodeValue(tree) as Spec;
        problems.push(...problemsOf(checkMeaning(tree, spec)));
      }
    }
  }
  problems.sort((a, b) => a.range.offset - b.range.offset);

  return {
    file,
    tree: root,
    lines,
    problems,
    problemsOf,
    ...(spec !== undefined && !problems.some(({ severity }) => severity === 'error') && { spec }),
    placeOf(path) {
      const { line, column } = lines.at(root === undefined ? 0 : nearest(root, path).offset);
      return `${line}:${column} ${formatPath(path)}`;
    },
  };
}

/** Whether a text is JSON, whatever it means. */
export function isReadable(problems: readonly Problem[]): boolean {
  return !problems.some(({ code }) => code === 'syntax' || code === 'size');
}

/**
 * The spec of a parsed text.
 * @throws InputError for its first error, with the number of others.
 */
export function requireSpec(parsed: ParsedSpec): Spec {
  if (parsed.spec !== undefined) return parsed.spec;
  const [{ message, line, column, path, remedy, phrases }, ...others] = parsed.problems.filter(({ severity }) => severity === 'error');
  const first = phrases?.message ?? toPhrase(message);
  throw new InputError(others.length === 0 ? first : phrase`${first} (and ${others.length} more: dmi check lists them)`, {
    file: parsed.file, place: `${line}:${column} ${path}`, remedy: phrases?.remedy ?? remedy,
  });
}

/** The node at a path, or at the longest part of it that exists. */
function nearest(root: Node, path: JsonPath): Node {
  return findNodeAtLocation(root, [...path]) ?? (path.length === 0 ? root : nearest(root, path.slice(0, -1)));
}
