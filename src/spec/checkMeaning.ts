import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser';
import { closest } from '../base/closest.ts';
import { formatPath, parsePointer, type JsonPath } from './jsonPath.ts';
import { signedArea } from './regions.ts';
import { Experiment, type Edit, type Region, type Spec, type Window } from './schema.ts';
import { viewSchema } from './schemaView.ts';
import { splice } from './splice.ts';
import { validate, type Finding } from './validate.ts';

/** A finding, and whether the spec can run in spite of it. */
interface Remark extends Finding {
  readonly severity: 'error' | 'warning';
}

type Report = (severity: Remark['severity'], path: JsonPath, message: string, remedy: string) => void;

const stepsWhereLeftOut = 30;
/** More variants than this are a slip of the hand rather than a sweep. */
const mostVariants = 10_000;

/**
 * What the schema cannot say and no model is needed for: orders, references between parts, windows and regions that hold nothing.
 * @param root a tree that `validate` found nothing wrong with.
 */
export function checkMeaning(root: Node): Remark[] {
  const spec = getNodeValue(root) as Spec;
  const steps = spec.sample.steps ?? stepsWhereLeftOut;
  const { remarks, report } = collect(root);

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

/** Paths of what comes back start at the experiment. */
function checkExperiment(node: Node, steps: number): Remark[] {
  const { edits, measure = [], expect = {} } = getNodeValue(node) as Experiment;
  const { remarks, report } = collect(node);
  edits.forEach((edit, index) => { checkEdit(edit, ['edits', index], steps, report); });
  checkBounds(expect, ['expect'], report);
  if (!edits.some(({ where = 'everywhere' }) => where !== 'everywhere')) {
    measure.forEach((name, index) => {
      if (/^(?:iou:|centre:|inside\.|outside\.)/.test(name)) {
        report('warning', ['measure', index], `"${name}" needs a region, and no edit names one`, 'Add "where" to an edit.');
      }
    });
  }
  return remarks;
}

function checkEdit(edit: Edit, path: JsonPath, steps: number, report: Report): void {
  if (edit.unit !== undefined && edit.add === undefined && edit.set === undefined) {
    report('warning', [...path, 'unit'], '"unit" changes nothing here', 'Units apply to "add" and "set"; remove it.');
  }
  if (edit.elsewhere === 'ablate' && (edit.where ?? 'everywhere') === 'everywhere') {
    report('warning', [...path, 'elsewhere'], '"elsewhere" changes nothing: the edit acts everywhere', 'Add "where", or remove it.');
  }
  if (edit.during !== undefined) checkWindow(edit.during, [...path, 'during'], steps, report);
  if (edit.where !== undefined) checkRegion(edit.where, [...path, 'where'], report);
}

function checkWindow(window: Window, path: JsonPath, steps: number, report: Report): void {
  if (typeof window === 'string') return;
  if ('from' in window) {
    if (window.from < window.to) report('error', path, 'the window ends before it starts', 'Time runs from 1 (noise) to 0 (image): let "from" be at least "to".');
    return;
  }
  const [first, last] = window.steps;
  if (first > last) report('error', [...path, 'steps'], 'the window ends before it starts', 'Write [first, last] with first at most last.');
  else if (last >= steps) report('error', [...path, 'steps', 1], ...beyond(last, steps));
}

function checkRegion(region: Region, path: JsonPath, report: Report): void {
  if (typeof region === 'string') return;
  if ('box' in region) {
    const [left, top, right, bottom] = region.box;
    if (left >= right || top >= bottom) report('error', [...path, 'box'], 'the box is empty', 'Write [left, top, right, bottom] with left < right and top < bottom.');
  } else if ('polygon' in region && Math.abs(signedArea(region.polygon)) < 1e-9) {
    report('error', [...path, 'polygon'], 'the polygon encloses no area', 'Write its corners in order around it.');
  }
}

function checkBounds(bounds: Readonly<Record<string, { min?: number; max?: number }>>, path: JsonPath, report: Report): void {
  for (const [measure, { min = -Infinity, max = Infinity }] of Object.entries(bounds)) {
    if (min > max) report('error', [...path, measure], `nothing lies between ${min} and ${max}`, 'Let "min" be at most "max".');
  }
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

function collect(root: Node): { remarks: Remark[]; report: Report } {
  const remarks: Remark[] = [];
  return {
    remarks,
    report(severity, path, message, remedy) {
      const node = findNodeAtLocation(root, [...path]) ?? root;
      // Every value of one list can meet the same fault; one remark per place is enough.
      if (remarks.some((other) => other.node === node && other.message === message)) return;
      remarks.push({ severity, node, path, message, remedy });
    },
  };
}

function beyond(step: number, steps: number): [message: string, remedy: string] {
  return [`step ${step} does not exist`, `There are ${steps} steps: write 0 to ${steps - 1}.`];
}
