import { getNodeValue, type Node } from 'jsonc-parser';
import type { JsonPath } from './jsonPath.ts';
import { signedArea } from './regions.ts';
import { beyond, collectRemarks, type Remark, type Report } from './remark.ts';
import type { Edit, Experiment, Region, Window } from './schema.ts';
import { stepsOfWindow } from './windows.ts';

/**
 * What the schema cannot say about one experiment.
 * @param node of the experiment; the paths of what comes back start there
 * @param steps of a sample
 */
export function checkExperiment(node: Node, steps: number): Remark[] {
  const { edits, measure = [], expect = {} } = getNodeValue(node) as Experiment;
  const { remarks, report } = collectRemarks(node);
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
  if (typeof window === 'string' || 'from' in window) {
    if (typeof window === 'object' && window.from < window.to) {
      report('error', path, 'the window ends before it starts', 'Time runs from 1 (noise) to 0 (image): let "from" be at least "to".');
    } else if (stepsOfWindow(window, possibleTimesteps(steps)).length === 0) {
      report('error', path, `none of the ${steps} steps falls into this window`, 'Widen it, or sample with more steps.');
    }
    return;
  }
  const [first, last] = window.steps;
  if (first > last) report('error', [...path, 'steps'], 'the window ends before it starts', 'Write [first, last] with first at most last.');
  else if (last >= steps) report('error', [...path, 'steps', 1], ...beyond(last, steps));
}

/** Timesteps at every spacing that schedulers know (leading with and without offset, trailing, linspace): the true ones are among them. */
function possibleTimesteps(steps: number): number[] {
  return Array.from({ length: steps }, (_, step) => {
    const leading = step * Math.floor(1000 / steps);
    return [leading, leading + 1, Math.round(1000 - step * 1000 / steps) - 1, Math.round(steps === 1 ? 0 : step * 999 / (steps - 1))];
  }).flat();
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

/** Bounds by measure: something must lie between them. */
export function checkBounds(bounds: Readonly<Record<string, { min?: number; max?: number }>>, path: JsonPath, report: Report): void {
  for (const [measure, { min = -Infinity, max = Infinity }] of Object.entries(bounds)) {
    if (min > max) report('error', [...path, measure], `nothing lies between ${min} and ${max}`, 'Let "min" be at most "max".');
  }
}
