import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser';
import { closest } from '../base/closest.ts';
import { phrase, type Phrase } from '../base/phrase.ts';
import { checkBounds, checkBranch, checkExperiment, samplingOf, type Sampling } from './checkExperiment.ts';
import { formatPath, parsePointer, type JsonPath } from './jsonPath.ts';
import { members } from './members.ts';
import { Remarks, stepBeyond, type Remark } from './remark.ts';
import { Experiment, type Spec } from './schema.ts';
import { viewSchema } from './schemaView.ts';
import { splice } from './splice.ts';
import { validate } from './validate.ts';

/** More variants than this are a slip of the hand rather than a sweep. */
const mostVariants = 10_000;

/**
 * What the schema cannot say and no model is needed for: orders, references between parts, windows and regions that hold nothing.
 * @param root a tree that `validate` found nothing wrong with. @param spec its value
 */
export function checkMeaning(root: Node, spec: Spec): Remark[] {
  const sampling = samplingOf(spec);
  const remarks = new Remarks(root);

  if (spec.trace?.branch !== undefined) checkBranch(spec.trace.branch, ['trace', 'branch'], sampling, remarks);
  if (Array.isArray(spec.trace?.steps)) {
    spec.trace.steps.forEach((step, index) => {
      const path = ['trace', 'steps', index];
      if (step >= sampling.calls) remarks.add({ ...stepBeyond(step, sampling.calls), path, fixes: [{ kind: 'remove', path }] });
    });
  }
  const experiments = findNodeAtLocation(root, ['experiments']);
  for (const { key, value } of experiments === undefined ? [] : members(experiments)) {
    const experiment = spec.experiments?.[key];
    if (value === undefined || experiment === undefined) continue;
    for (const remark of checkExperiment(value, experiment, sampling)) remarks.push(beneath(['experiments', key], remark));
  }

  /** The node of the experiment that a sweep or search builds on. */
  function base(path: JsonPath, name: string): Node | undefined {
    const node = findNodeAtLocation(root, ['experiments', name]);
    if (node !== undefined) return node;
    const names = Object.keys(spec.experiments ?? {});
    const near = closest(name, names);
    remarks.add({
      code: 'unknown-experiment', path: [...path, 'of'], fixes: remarks.replace([...path, 'of'], near ?? (names.length === 1 ? names[0] : undefined)),
      message: near === undefined ? phrase`no experiment is called "${name}"` : phrase`no experiment is called "${name}"; did you mean "${near}"?`,
      remedy: names.length === 0 ? phrase`Add it under "experiments".` : phrase`Experiments here: ${names.join(', ')}.`,
    });
    return undefined;
  }

  for (const [name, { of, vary }] of Object.entries(spec.sweeps ?? {})) {
    const path = ['sweeps', name];
    const experiment = base(path, of);
    const variants = Object.values(vary).reduce((product, values) => product * values.length, 1);
    if (variants > mostVariants) {
      remarks.add({ code: 'too-many-variants', path: [...path, 'vary'], message: phrase`${variants} variants are too many`, remedy: phrase`Keep at most ${mostVariants}.` });
    }
    if (experiment === undefined) continue;
    for (const [pointer, values] of Object.entries(vary)) {
      values.forEach((_, index) => { checkVariant(root, experiment, pointer, [...path, 'vary', pointer, index], sampling, remarks); });
    }
  }

  for (const [name, { of, over, subjectTo = {} }] of Object.entries(spec.searches ?? {})) {
    const path = ['searches', name];
    const experiment = base(path, of);
    for (const [pointer, range] of Object.entries(over)) {
      checkRange(range, [...path, 'over', pointer], remarks);
      if (experiment === undefined) continue;
      for (const end of ['from', 'to']) checkVariant(root, experiment, pointer, [...path, 'over', pointer, end], sampling, remarks);
    }
    checkBounds(subjectTo, [...path, 'subjectTo'], remarks);
  }
  return remarks.list;
}

function checkRange({ from, to, log = false }: { from: number; to: number; log?: boolean }, path: JsonPath, remarks: Remarks): void {
  if (from >= to) {
    remarks.add({
      code: 'range-empty', path, fixes: from === to ? [] : remarks.replace(path, { from: to, to: from, ...(log && { log }) }),
      message: phrase`the range from ${from} to ${to} is empty`, remedy: phrase`Let "from" be less than "to".`,
    });
  }
  if (log && from <= 0) {
    remarks.add({
      code: 'range-empty', path: [...path, 'from'], fixes: [{ kind: 'remove', path: [...path, 'log'] }],
      message: phrase`a logarithmic range cannot start at ${from}`, remedy: phrase`Write a number above 0.`,
    });
  }
}

/** A remark about a part as one about the whole. */
function beneath(path: JsonPath, remark: Remark): Remark {
  const fixes = remark.fixes.map((fix) => (fix.kind === 'remove' ? { ...fix, path: [...path, ...fix.path] } : fix));
  return { ...remark, path: [...path, ...remark.path], fixes };
}

/** Put the value at `path` where `pointer` says, and report if the experiment is no longer one. */
function checkVariant(root: Node, experiment: Node, pointer: string, path: JsonPath, sampling: Sampling, remarks: Remarks): void {
  const value = findNodeAtLocation(root, [...path]);
  if (value === undefined) return;
  const variant = splice(experiment, parsePointer(pointer), value);
  if (variant === undefined) {
    const meant = closest(pointer, pointersOf(experiment));
    const key = findNodeAtLocation(root, path.slice(0, -1))?.parent?.children?.[0];
    remarks.add({
      code: 'unknown-pointer', path: path.slice(0, -1),
      message: phrase`"${pointer}" leads nowhere in the experiment`, remedy: phrase`Write a JSON pointer such as "/edits/0/add".`,
      fixes: key === undefined || meant === undefined ? [] : [{ kind: 'replace', node: key, by: meant }],
    });
    return;
  }
  const wrong = validate(viewSchema(Experiment), variant).at(0) ?? checkExperiment(variant, getNodeValue(variant) as Experiment, sampling).find(({ severity }) => severity === 'error');
  if (wrong === undefined) return;
  const message: string | Phrase = wrong.message;
  remarks.add({
    code: 'variant', path, message: phrase`${formatPath(wrong.path)} of the experiment: ${message}`,
    remedy: typeof wrong.remedy === 'string' ? phrase`${wrong.remedy}` : wrong.remedy,
    fixes: wrong.fixes.filter((fix) => fix.kind === 'replace' && fix.node === value),
  });
}

/** Pointers to every value of an experiment's edits. */
function pointersOf(experiment: Node): string[] {
  const walk = (node: Node, pointer: string): string[] => {
    if (node.type === 'array') return (node.children ?? []).flatMap((item, index) => walk(item, `${pointer}/${index}`));
    if (node.type === 'object') return (node.children ?? []).flatMap(({ children: [key, value] = [] }) => walk(value, `${pointer}/${String(key.value)}`));
    return [pointer];
  };
  const edits = findNodeAtLocation(experiment, ['edits']);
  return edits === undefined ? [] : walk(edits, '/edits');
}
