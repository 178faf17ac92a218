import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser';
import { closest } from '../base/closest.ts';
import { checkBounds, checkExperiment } from './checkExperiment.ts';
import { formatPath, parsePointer, type JsonPath } from './jsonPath.ts';
import { beyond, collectRemarks, type Remark, type Report } from './remark.ts';
import { Experiment, sampleDefaults, type Spec } from './schema.ts';
import { viewSchema } from './schemaView.ts';
import { splice } from './splice.ts';
import { validate } from './validate.ts';

/** More variants than this are a slip of the hand rather than a sweep. */
const mostVariants = 10_000;

/**
 * What the schema cannot say and no model is needed for: orders, references between parts, windows and regions that hold nothing.
 * @param root a tree that `validate` found nothing wrong with.
 */
export function checkMeaning(root: Node): Remark[] {
  const spec = getNodeValue(root) as Spec;
  const steps = spec.sample.steps ?? sampleDefaults.steps;
  const { remarks, report } = collectRemarks(root);

  if (Array.isArray(spec.trace?.steps)) {
    spec.trace.steps.forEach((step, index) => {
      if (step >= steps) report('error', ['trace', 'steps', index], ...beyond(step, steps));
    });
  }
  for (const name of Object.keys(spec.experiments ?? {})) {
    const path = ['experiments', name];
    const node = findNodeAtLocation(root, path);
    if (node === undefined) continue;
    for (const remark of checkExperiment(node, steps)) remarks.push({ ...remark, path: [...path, ...remark.path] });
  }

  /** The node of the experiment that a sweep or search builds on. */
  function base(path: JsonPath, name: string): Node | undefined {
    const node = findNodeAtLocation(root, ['experiments', name]);
    if (node === undefined) {
      const names = Object.keys(spec.experiments ?? {});
      const near = closest(name, names);
      report('error', [...path, 'of'], `no experiment is called "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
        names.length === 0 ? 'Add it under "experiments".' : `Experiments here: ${names.join(', ')}.`);
    }
    return node;
  }

  for (const [name, { of, vary }] of Object.entries(spec.sweeps ?? {})) {
    const path = ['sweeps', name];
    const experiment = base(path, of);
    const variants = Object.values(vary).reduce((product, values) => product * values.length, 1);
    if (variants > mostVariants) report('error', [...path, 'vary'], `${variants} variants are too many`, `Keep at most ${mostVariants}.`);
    if (experiment === undefined) continue;
    for (const [pointer, values] of Object.entries(vary)) {
      values.forEach((_, index) => { checkVariant(root, experiment, pointer, [...path, 'vary', pointer, index], steps, report); });
    }
  }

  for (const [name, { of, over, subjectTo = {} }] of Object.entries(spec.searches ?? {})) {
    const path = ['searches', name];
    const experiment = base(path, of);
    for (const [pointer, { from, to, log = false }] of Object.entries(over)) {
      const inner = [...path, 'over', pointer];
      if (from >= to) report('error', inner, `the range from ${from} to ${to} is empty`, 'Let "from" be less than "to".');
      if (log && from <= 0) report('error', [...inner, 'from'], `a logarithmic range cannot start at ${from}`, 'Write a number above 0.');
      if (experiment !== undefined) {
        for (const end of ['from', 'to']) checkVariant(root, experiment, pointer, [...inner, end], steps, report);
      }
    }
    checkBounds(subjectTo, [...path, 'subjectTo'], report);
  }
  return remarks;
}

/** Put the value at `path` where `pointer` says, and report if the experiment is no longer one. */
function checkVariant(root: Node, experiment: Node, pointer: string, path: JsonPath, steps: number, report: Report): void {
  const value = findNodeAtLocation(root, [...path]);
  if (value === undefined) return;
  const variant = splice(experiment, parsePointer(pointer), value);
  if (variant === undefined) {
    report('error', path.slice(0, -1), `"${pointer}" leads nowhere in the experiment`, 'Write a JSON pointer such as "/edits/0/add".');
    return;
  }
  const findings = validate(viewSchema(Experiment), variant);
  const wrong = findings.at(0) ?? checkExperiment(variant, steps).find(({ severity }) => severity === 'error');
  if (wrong !== undefined) report('error', path, `${formatPath(wrong.path)} of the experiment: ${wrong.message}`, wrong.remedy);
}
