import type { Efficiency } from '../../study/efficiency.ts';
import type { Interval, SweepOutcome } from '../../study/outcome.ts';

/** One variant of an experiment: what was measured. */
export interface SweepCell {
  /** Which value of each axis. */
  readonly at: readonly number[];
  readonly measures: Readonly<Record<string, Interval & { readonly gain: Interval }>>;
  /** What its effects cost. */
  readonly efficiencies: readonly Efficiency[];
}

interface Sweep {
  readonly axes: SweepOutcome['axes'];
  readonly cells: readonly SweepCell[];
}

/** Measures that say how much of the picture was kept: harm is what they lack of 1. */
const keeping = /(?:^|\.)ssim$/;
/** Measures of how much changed: harm where nothing should have. */
const changing = /^(?:outside\.)?(?:perceptual|mse)$|^ood$/;

/** Whether a measure tells how much of a picture changed: harm, where nothing should have. */
export function isHarm(name: string): boolean {
  return changing.test(name) || keeping.test(name);
}

/** What can stand for the effect, and what for harm, the likeliest first. */
export function measuresOf({ cells }: Sweep): { readonly effects: readonly string[]; readonly harms: readonly string[] } {
  const names = [...new Set(cells.flatMap(({ measures }) => Object.keys(measures)))];
  const outsideFirst = (name: string): number => (name.startsWith('outside.') ? 0 : name.startsWith('inside.') ? 2 : 1);
  const harms = names.filter((name) => isHarm(name) || name.startsWith('inside.')).sort((a, b) => outsideFirst(a) - outsideFirst(b));
  const effects = [...names.filter((name) => !isHarm(name)), ...names.filter(isHarm)];
  return { effects, harms: harms.length > 0 ? harms : names };
}

/** How much a cell gained against the unedited runs; of a comparison with them, the comparison itself. */
export function effectOf({ measures }: SweepCell, name: string): Interval | null {
  return Object.hasOwn(measures, name) ? measures[name].gain : null;
}

/** How much a cell changed that should have stayed: more is worse, also of a measure that says what was kept. */
export function harmOf({ measures }: SweepCell, name: string): Interval | null {
  if (!Object.hasOwn(measures, name)) return null;
  return harmOfInterval(measures[name], name);
}

/** A value of a measure read as harm: of one that says what was kept, what it lacks to 1. */
export function harmOfInterval({ value, low, high, n }: Interval, name: string): Interval {
  const lacks = (kept: number | null): number | null => (kept === null ? null : 1 - kept);
  return keeping.test(name) ? { value: lacks(value), low: lacks(high), high: lacks(low), n } : { value, low, high, n };
}

/** How a measure of harm is called. */
export function harmName(name: string): string {
  return keeping.test(name) ? `1 − ${name}` : name;
}

/** A cell in the plane of effect and harm. */
export interface Trade {
  readonly cell: number;
  readonly effect: Interval;
  readonly harm: Interval;
  /** No other cell has as much effect with less harm. */
  readonly best: boolean;
}

/** Every cell that has both, and which of them form the Pareto front. */
export function tradesOf({ cells }: Sweep, effect: string, harm: string): Trade[] {
  const all = cells.flatMap((cell, index) => {
    const [gain, cost] = [effectOf(cell, effect), harmOf(cell, harm)];
    const [height, width] = [gain?.value ?? null, cost?.value ?? null];
    return gain === null || cost === null || height === null || width === null ? [] : [{ cell: index, effect: gain, harm: cost, gain: height, cost: width }];
  });
  return all.map(({ cell, effect: e, harm: h, gain, cost }) => ({
    cell, effect: e, harm: h, best: !all.some((other) => other.gain >= gain && other.cost <= cost && (other.gain > gain || other.cost < cost)),
  }));
}

/** What one value of an axis, a window above all, achieves at its best. */
export interface BestOf {
  /** Index of the value. */
  readonly value: number;
  /** The cell with the greatest effect among those with this value; null where none has one. */
  readonly best: { readonly cell: number; readonly effect: Interval; readonly cost: Efficiency } | null;
}

/** The greatest effect for every value of an axis, with what it costs. */
export function bestOf({ axes, cells }: Sweep, axis: number, effect: string): BestOf[] {
  return axes[axis].values.map((_, value) => {
    const own = cells.flatMap((cell, index) => {
      const cost = cell.efficiencies.find(({ measure }) => measure === effect);
      const gain = effectOf(cell, effect);
      return cell.at[axis] !== value || cost === undefined || gain === null ? [] : [{ cell: index, effect: gain, cost }];
    });
    return { value, best: own.reduce<BestOf['best']>((most, one) => (most === null || one.cost.gain > most.cost.gain ? one : most), null) };
  });
}
