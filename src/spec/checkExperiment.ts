import type { Node } from 'jsonc-parser';
import { phrase } from '../base/phrase.ts';
import type { JsonPath } from './jsonPath.ts';
import { signedArea } from './regions.ts';
import { Remarks, stepBeyond, type Remark } from './remark.ts';
import { callsOf, type SchedulerName } from './schedulerNames.ts';
import { sampleDefaults, type Edit, type Experiment, type Region, type Spec, type Window } from './schema.ts';
import { withinWindow } from './windows.ts';

/** What experiments need to know of a sample. */
export interface Sampling {
  /** Undefined where it is the pipeline's own, and that is not known. */
  readonly scheduler: SchedulerName | undefined;
  readonly steps: number;
  /** How often the U-Net is asked, at most: steps are counted in these. */
  readonly calls: number;
  /** 1 or less: there is only one branch. */
  readonly guidanceScale: number;
}

/** What a spec says about it, defaults filled in. */
export function samplingOf({ model, sample: { scheduler: named, steps = sampleDefaults.steps, guidanceScale = sampleDefaults.guidanceScale } }: Spec): Sampling {
  const scheduler = named ?? (model === builtinModel ? 'ddim' : undefined);
  return { scheduler, steps, calls: callsOf(scheduler, steps)[1], guidanceScale };
}

/** Comes with DDIM. */
const builtinModel = 'builtin:scenes';

/**
 * What the schema cannot say about one experiment.
 * @param node of the experiment; the paths of what comes back start there
 */
export function checkExperiment(node: Node, { edits, measure = [], expect = {} }: Experiment, sampling: Sampling): Remark[] {
  const remarks = new Remarks(node);
  edits.forEach((edit, index) => { checkEdit(edit, ['edits', index], sampling, remarks); });
  checkBounds(expect, ['expect'], remarks);
  if (!edits.some(({ where = 'everywhere' }) => where !== 'everywhere')) {
    measure.forEach((name, index) => {
      if (/^(?:iou:|centre:|inside\.|outside\.)/.test(name)) {
        const path = ['measure', index];
        remarks.add({
          code: 'no-region', severity: 'warning', path, fixes: [{ kind: 'remove', path }],
          message: phrase`"${name}" needs a region, and no edit names one`, remedy: phrase`Add "where" to an edit.`,
        });
      }
    });
  }
  return remarks.list;
}

function checkEdit(edit: Edit, path: JsonPath, sampling: Sampling, remarks: Remarks): void {
  const noEffect = (key: keyof Edit, text: Pick<Remark, 'message' | 'remedy'>): void => {
    remarks.add({ code: 'no-effect', severity: 'warning', path: [...path, key], fixes: [{ kind: 'remove', path: [...path, key] }], ...text });
  };
  if (edit.unit !== undefined && edit.add === undefined && edit.set === undefined) {
    noEffect('unit', { message: phrase`"unit" changes nothing here`, remedy: phrase`Units apply to "add" and "set"; remove it.` });
  }
  if (edit.elsewhere === 'ablate' && (edit.where ?? 'everywhere') === 'everywhere') {
    noEffect('elsewhere', { message: phrase`"elsewhere" changes nothing: the edit acts everywhere`, remedy: phrase`Add "where", or remove it.` });
  }
  if (edit.branch !== undefined) checkBranch(edit.branch, [...path, 'branch'], sampling, remarks);
  if (edit.during !== undefined) checkWindow(edit.during, [...path, 'during'], sampling, remarks);
  if (edit.where !== undefined) checkRegion(edit.where, [...path, 'where'], remarks);
}

/** Only guidance has an unconditional branch. */
export function checkBranch(branch: string, path: JsonPath, { guidanceScale }: Sampling, remarks: Remarks): void {
  if (branch === 'cond' || guidanceScale > 1) return;
  remarks.add({
    code: 'no-branch', path, fixes: remarks.replace(path, 'cond'),
    message: phrase`without guidance there is no uncond branch`, remedy: phrase`Set "guidanceScale" above 1, or write "cond".`,
  });
}

function checkWindow(window: Window, path: JsonPath, { scheduler, steps, calls }: Sampling, remarks: Remarks): void {
  if (typeof window === 'string' || 'from' in window) {
    if (typeof window === 'object' && window.from < window.to) {
      remarks.add({
        code: 'window-order', path, fixes: remarks.replace(path, { from: window.to, to: window.from }),
        message: phrase`the window ends before it starts`, remedy: phrase`Time runs from 1 (noise) to 0 (image): let "from" be at least "to".`,
      });
    } else if (isEmptyAnyway(window, scheduler, steps)) {
      remarks.add({
        code: 'window-empty', path, fixes: typeof window === 'string' ? [] : remarks.replace(path, widened(window, steps)),
        message: phrase`none of the ${steps} steps falls into this window`, remedy: phrase`Widen it, or sample with more steps.`,
      });
    }
    return;
  }
  const [first, last] = window.steps;
  if (first > last) {
    remarks.add({
      code: 'window-order', path: [...path, 'steps'], fixes: remarks.replace([...path, 'steps'], [last, first]),
      message: phrase`the window ends before it starts`, remedy: phrase`Write [first, last] with first at most last.`,
    });
  } else if (last >= calls) {
    const end = [...path, 'steps', 1];
    remarks.add({ ...stepBeyond(last, calls), path: end, fixes: first < calls ? remarks.replace(end, calls - 1) : remarks.replace([...path, 'steps'], [calls - 1, calls - 1]) });
  }
}

/** Whether no step can fall into a window of time, whatever the pipeline's configuration says; of most schedulers, that cannot be told without it. */
export function isEmptyAnyway(window: Exclude<Window, { steps: unknown }>, scheduler: SchedulerName | undefined, steps: number): boolean {
  return scheduler !== undefined && evenlySpaced.includes(scheduler) && !possibleTimesteps(steps).some(withinWindow(window));
}

/** Those whose timesteps hang on nothing but their number and spacing. */
const evenlySpaced: readonly SchedulerName[] = ['ddim', 'ddpm', 'pndm'];

const timestepsBySteps = new Map<number, readonly number[]>();

/** Timesteps at every spacing that schedulers know (leading with and without offset, trailing, linspace): the true ones are among them. */
function possibleTimesteps(steps: number): readonly number[] {
  const known = timestepsBySteps.get(steps) ?? Array.from({ length: steps }, (_, step) => {
    const leading = step * Math.floor(1000 / steps);
    return [leading, leading + 1, Math.round(1000 - step * 1000 / steps) - 1, Math.round(steps === 1 ? 0 : step * 999 / (steps - 1))];
  }).flat();
  timestepsBySteps.set(steps, known); // every variant of every sweep asks for them
  return known;
}

/** A window grown to the length of a step on both sides: some step falls into it at any spacing. */
function widened({ from, to }: { from: number; to: number }, steps: number): { from: number; to: number } {
  const middle = (from + to) / 2;
  return { from: Math.min(1, Math.ceil(100 * (middle + 1 / steps)) / 100), to: Math.max(0, Math.floor(100 * (middle - 1 / steps)) / 100) };
}

function checkRegion(region: Region, path: JsonPath, remarks: Remarks): void {
  if (typeof region === 'string') return;
  if ('box' in region) {
    const [left, top, right, bottom] = region.box;
    if (left < right && top < bottom) return;
    const sorted = [Math.min(left, right), Math.min(top, bottom), Math.max(left, right), Math.max(top, bottom)];
    remarks.add({
      code: 'region-empty', path: [...path, 'box'], fixes: left === right || top === bottom ? [] : remarks.replace([...path, 'box'], sorted),
      message: phrase`the box is empty`, remedy: phrase`Write [left, top, right, bottom] with left < right and top < bottom.`,
    });
  } else if ('polygon' in region && Math.abs(signedArea(region.polygon)) < 1e-9) {
    remarks.add({
      code: 'region-empty', path: [...path, 'polygon'],
      message: phrase`the polygon encloses no area`, remedy: phrase`Write its corners in order around it.`,
    });
  }
}

/** Bounds by measure: something must lie between them. */
export function checkBounds(bounds: Readonly<Record<string, { min?: number; max?: number }>>, path: JsonPath, remarks: Remarks): void {
  for (const [measure, { min = -Infinity, max = Infinity }] of Object.entries(bounds)) {
    if (min <= max) continue;
    const at = [...path, measure];
    remarks.add({
      code: 'bounds-empty', path: at, fixes: remarks.replace(at, { min: max, max: min }),
      message: phrase`nothing lies between ${min} and ${max}`, remedy: phrase`Let "min" be at most "max".`,
    });
  }
}
