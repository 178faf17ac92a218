import { getNodeValue, type Node } from 'jsonc-parser';
import { basename } from 'node:path';
import type { InputError } from '../base/errors.ts';
import { hasShape } from '../base/checkShape.ts';
import { phrase } from '../base/phrase.ts';
import { isEmptyAnyway } from './checkExperiment.ts';
import { entriesOf, itemsOf, textOf, top, valueOf, type Place } from './place.ts';
import { Remarks, stepBeyond, type Remark } from './remark.ts';
import { callsOf, schedulerNames, type SchedulerName } from './schedulerNames.ts';
import { sampleDefaults, Window } from './schema.ts';
import { stepsOfWindow } from './windows.ts';

/** When a pipeline asks its U-Net. */
export interface Schedule {
  /** Of every step, in the order of generation. */
  readonly timesteps: ArrayLike<number>;
  /** What they count to. */
  readonly trainTimesteps: number;
}

/** What a pipeline makes of a scheduler (left out: its own) and a number of steps, or why it cannot. */
export type TellSchedule = (asked: { readonly scheduler?: SchedulerName | undefined; readonly steps: number }) => Schedule | InputError;

/**
 * Windows that no step falls into, and steps that there are not, by the timesteps of the pipeline itself; and a scheduler or a number of steps that it cannot have. What the spec alone tells is left to
 * `checkMeaning`.
 * @param root of any document: what is broken elsewhere is passed over
 */
export function checkSchedule(root: Node, tell: TellSchedule): Remark[] {
  const remarks = new Remarks(root);
  const spec = top(root);
  const sample = valueOf(spec, 'sample');
  const [named, count] = [valueOf(sample, 'scheduler'), valueOf(sample, 'steps')];
  const scheduler = schedulerNames.find((name) => name === textOf(named));
  const steps: unknown = count === undefined ? sampleDefaults.steps : count.node.value;
  if ((named !== undefined && scheduler === undefined) || typeof steps !== 'number' || !Number.isInteger(steps) || steps < 1 || steps > 1000) return []; // the schema says so
  const schedule = tell({ scheduler, steps });
  if (schedule instanceof Error) {
    const { file, place = '', phrases: { message, remedy } } = schedule;
    const where = [basename(file), place].filter((part) => part !== '').join(' ');
    const path = (named ?? count)?.path ?? ['model'];
    remarks.add({ code: 'unreadable', path, message: phrase`${where}: ${message}`, remedy });
    return remarks.list;
  }
  const calls = schedule.timesteps.length;
  const [, most] = callsOf(scheduler, steps);

  const checkStep = (place: Place): void => {
    const step: unknown = place.node.value;
    if (typeof step === 'number' && step >= calls && step < most) remarks.add({ ...stepBeyond(step, calls), path: place.path, fixes: remarks.replace(place.path, calls - 1) });
  };
  const checkWindow = (place: Place | undefined): void => {
    const window: unknown = place && getNodeValue(place.node);
    if (place === undefined || !hasShape(Window, window)) return;
    if (typeof window === 'object' && 'steps' in window) {
      itemsOf(valueOf(place, 'steps')).forEach(checkStep);
    } else if ((typeof window === 'string' || window.from >= window.to) && !isEmptyAnyway(window, scheduler, steps) && stepsOfWindow(window, schedule.timesteps, schedule.trainTimesteps).length === 0) {
      remarks.add({
        code: 'window-empty', path: place.path, fixes: typeof window === 'string' ? [] : remarks.replace(place.path, around(window, schedule)),
        message: phrase`none of the ${calls} steps falls into this window`, remedy: phrase`Widen it, or sample with more steps.`,
      });
    }
  };

  itemsOf(valueOf(valueOf(spec, 'trace'), 'steps')).forEach(checkStep);
  for (const experiment of entriesOf(valueOf(spec, 'experiments'))) {
    for (const edit of itemsOf(valueOf(experiment, 'edits'))) checkWindow(valueOf(edit, 'during'));
  }
  return remarks.list;
}

/** A window grown just so far that the nearest step falls into it. */
function around({ from, to }: { from: number; to: number }, { timesteps, trainTimesteps }: Schedule): { from: number; to: number } {
  const times = Array.from(timesteps, (timestep) => timestep / trainTimesteps);
  const distance = (t: number): number => Math.max(t - from, to - t);
  const nearest = times.reduce((best, t) => (distance(t) < distance(best) ? t : best));
  return { from: Math.max(from, Math.min(1, Math.ceil(1000 * nearest) / 1000)), to: Math.min(to, Math.floor(1000 * nearest) / 1000) };
}
