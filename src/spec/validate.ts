import { getNodeValue, type Node } from 'jsonc-parser';
import { closest } from '../base/closest.ts';
import type { Fix } from './fix.ts';
import type { JsonPath } from './jsonPath.ts';
import { members } from './members.ts';
import { accepts, asPhrase, oneOf, type SchemaView } from './schemaView.ts';

/** Something wrong at one value of a document. */
export interface Finding {
  readonly node: Node;
  readonly path: JsonPath;
  readonly message: string;
  /** What would be accepted, as an imperative sentence. */
  readonly remedy: string;
  readonly fixes: readonly Fix[];
}

/** More findings than this help nobody. */
const mostFindings = 100;

/**
 * Hold a parsed document against a schema. It accepts exactly what TypeBox's `Value.Check` accepts; written anew because a
 * union must be explained by the branch that was meant, and every finding must know its place in the text.
 */
export function validate(schema: SchemaView, root: Node): Finding[] {
  const findings: Finding[] = [];

  function fault(node: Node, path: JsonPath, message: string, remedy: string, fixes: readonly Fix[] = []): void {
    if (findings.length < mostFindings) findings.push({ node, path, message, remedy, fixes });
  }

  function visit(rule: SchemaView, node: Node, path: JsonPath): void {
    if (findings.length >= mostFindings) return;
    const branch = rule.anyOf === undefined ? rule : meant(rule.anyOf, node);
    if (branch === undefined || !hasType(branch, node)) {
      fault(node, path, `${shown(node)} is not accepted here`, `Write ${accepts(rule)}.`);
    } else if (branch.enum !== undefined || branch.const !== undefined) {
      visitWord(branch, node, path);
    } else if (node.type === 'object') {
      visitObject(branch, node, path);
    } else if (node.type === 'array') {
      visitArray(branch, node, path);
    } else {
      visitScalar(branch, node, path);
    }
  }

  function visitWord(rule: SchemaView, node: Node, path: JsonPath): void {
    const value: unknown = node.value;
    const words: readonly unknown[] = rule.enum ?? [rule.const];
    if (words.includes(value)) return;
    const near = typeof value === 'string' ? closest(value, rule.enum ?? []) : undefined;
    const by = near ?? (words.length === 1 ? words[0] : undefined);
    fault(node, path, `${shown(node)} is not known${near === undefined ? '' : `; did you mean "${near}"?`}`, `Write ${accepts(rule)}.`,
      by === undefined ? [] : [{ kind: 'replace', node, by }]);
  }

  function visitObject(rule: SchemaView, node: Node, path: JsonPath): void {
    const known = rule.properties ?? {};
    const patterns = Object.entries(rule.patternProperties ?? {}).map(([pattern, item]) => [expressionOf(pattern), item] as const);
    const seen = new Set<string>();
    for (const { key, keyNode, value } of members(node)) {
      const inner = [...path, key];
      if (seen.has(key)) fault(keyNode, inner, `"${key}" stands here twice`, 'Keep one of them.');
      seen.add(key);
      const item = Object.hasOwn(known, key) ? known[key] : patterns.find(([pattern]) => pattern.test(key))?.[1];
      if (item !== undefined) {
        if (value === undefined) fault(keyNode, inner, `"${key}" has no value`, `Write ${accepts(item)}.`);
        else visit(item, value, inner);
      } else if (patterns.length > 0 || rule.properties !== undefined) {
        const near = closest(key, Object.keys(known));
        fault(keyNode, inner, ...unknownKey(key, rule), near === undefined || seen.has(near) ? [{ kind: 'remove', path: inner }] : [{ kind: 'replace', node: keyNode, by: near }]);
      }
    }
    for (const key of rule.required ?? []) {
      if (!seen.has(key)) fault(node, path, `"${key}" is missing`, `Add "${key}": ${accepts(known[key] ?? {})}.`);
    }
    visitCounts(rule, seen, node, path);
  }

  function visitCounts(rule: SchemaView, seen: ReadonlySet<string>, node: Node, path: JsonPath): void {
    const choices = (rule.oneOf ?? []).flatMap(({ required }) => required);
    const chosen = choices.filter((key) => seen.has(key));
    const listed = oneOf(choices.map((key) => `"${key}"`));
    if (choices.length > 0 && chosen.length === 0) fault(node, path, 'nothing says what to do', `Add one of ${listed}.`);
    if (chosen.length > 1) {
      fault(node, path, `${chosen.map((key) => `"${key}"`).join(' and ')} exclude each other`, `Keep exactly one of ${listed}.`,
        chosen.map((key) => ({ kind: 'remove', path: [...path, key] })));
    }
    if (seen.size < (rule.minProperties ?? 0)) fault(node, path, 'the object is empty', `Add ${rule.properties === undefined ? asPhrase(rule.propertyNames?.description ?? 'a key') : oneOf(Object.keys(rule.properties))}.`);
    if (seen.size > (rule.maxProperties ?? Infinity)) fault(node, path, `${seen.size} entries are too many`, `Keep at most ${rule.maxProperties ?? 0}.`);
  }

  function visitArray(rule: SchemaView, node: Node, path: JsonPath): void {
    const items = node.children ?? [];
    const each = rule.items;
    const least = Array.isArray(each) ? each.length : rule.minItems ?? 0;
    const most = Array.isArray(each) ? each.length : rule.maxItems ?? Infinity;
    if (items.length < least || items.length > most) {
      fault(node, path, `the list has ${items.length} values`, `Write ${accepts(rule)}.`);
      return;
    }
    const seen = new Set<unknown>();
    items.forEach((item, index) => {
      const inner = [...path, index];
      const itemRule = Array.isArray(each) ? (each as readonly SchemaView[])[index] : each as SchemaView | undefined;
      if (itemRule !== undefined) visit(itemRule, item, inner);
      if (rule.uniqueItems === true && seen.has(item.value)) fault(item, inner, `${shown(item)} stands here twice`, 'Keep one of them.');
      if (item.type !== 'object' && item.type !== 'array') seen.add(item.value);
    });
  }

  function visitScalar(rule: SchemaView, node: Node, path: JsonPath): void {
    const value: unknown = node.value;
    const fits = typeof value === 'number'
      ? value >= (rule.minimum ?? -Infinity) && value <= (rule.maximum ?? Infinity)
      : typeof value !== 'string' || fitsText(rule, value);
    if (fits) return;
    const { minimum = -Infinity, maximum = Infinity } = rule;
    fault(node, path, `${shown(node)} is not accepted here`, `Write ${accepts(rule)}.`,
      typeof value === 'number' ? [{ kind: 'replace', node, by: Math.min(Math.max(value, minimum), maximum) }] : []);
  }

  visit(schema, root, []);
  return findings;
}

/** The alternative that a value was meant to be: of its type, and for objects the one with most of its keys, mistyped ones at half. */
function meant(alternatives: readonly SchemaView[], node: Node): SchemaView | undefined {
  const flat = alternatives.flatMap((alternative) => alternative.anyOf ?? [alternative]);
  const fitting = flat.filter((alternative) => hasType(alternative, node));
  if (node.type !== 'object') return fitting[0];
  const keys = members(node).map(({ key }) => key);
  const shared = ({ properties = {} }: SchemaView): number => keys.reduce((sum, key) => {
    if (Object.hasOwn(properties, key)) return sum + 1;
    return closest(key, Object.keys(properties)) === undefined ? sum : sum + 0.5;
  }, 0);
  const best = [...fitting].sort((a, b) => shared(b) - shared(a)).at(0);
  return best === undefined || shared(best) === 0 ? undefined : best;
}

function hasType({ type }: SchemaView, node: Node): boolean {
  if (type === undefined) return true;
  if (type === 'integer') return node.type === 'number' && Number.isInteger(node.value);
  return type === node.type && (node.type !== 'number' || Number.isFinite(node.value));
}

const expressions = new Map<string, RegExp>();

/** Patterns of a schema, each compiled once: a spec of a hundred experiments asks for them thousands of times. */
function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern) ?? new RegExp(pattern, 'u');
  expressions.set(pattern, known);
  return known;
}

/** Lengths count characters as JSON Schema does, not UTF-16 units. */
function fitsText({ minLength = 0, maxLength = Infinity, pattern }: SchemaView, text: string): boolean {
  const length = text.length <= maxLength ? text.length : Array.from(text).length;
  return length >= minLength && length <= maxLength && (pattern === undefined || expressionOf(pattern).test(text));
}

function unknownKey(key: string, { properties, propertyNames }: SchemaView): [message: string, remedy: string] {
  if (properties === undefined) return [`"${shorten(key)}" is not accepted as a key`, `Write ${asPhrase(propertyNames?.description ?? 'another key')}.`];
  const names = Object.keys(properties);
  const near = closest(key, names);
  return [
    `unknown key "${shorten(key)}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    `Keys here: ${names.join(', ')}.`,
  ];
}

/** A value as it is quoted in a message. */
function shown(node: Node): string {
  if (node.type === 'object') return 'an object';
  if (node.type === 'array') return 'a list';
  if (node.type === 'number' && !Number.isFinite(node.value)) return 'a number beyond all bounds';
  return shorten(JSON.stringify(getNodeValue(node)));
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
