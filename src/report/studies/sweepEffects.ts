import type { Efficiency } from '../../study/efficiency.ts';
import type { Interval, SweepOutcome } from '../../study/outcome.ts';

/** One variant of an experiment: what was measured. */
export interface SweepCell {
  /** Which value of each axis. */
  readonly at: readonly number[];
  readonly measures: Readonly<Record<string, Interval & { readonly gain: Interval; readonly baseline?: Interval | undefined }>>;
  /** What its effects cost. */
  readonly efficiencies: readonly Efficiency[];
}

interface Sweep {
  readonly axes: SweepOutcome['axes'];
  readonly cells: readonly SweepCell[];
}

/** Measures that say how much of the picture was kept: harm is what they lack to 1. */
const keeping = /(?:^|\.)ssim$/;

/** What an effect is held against: harm outside the region, change of the whole picture (in which some was wanted), or how far the network is from its usual state. */
export type HarmKind = 'harm' | 'change' | 'strain';

/** What a measure is, held against an effect; undefined where more of it is no worse, as of what happens inside the region. */
export function harmKind(name: string): HarmKind | undefined {
  if (name === 'ood') return 'strain';
  if (/^outside\.(?:perceptual|mse|ssim)$/.test(name)) return 'harm';
  return /^(?:perceptual|mse|ssim)$/.test(name) ? 'change' : undefined;
}

/** Whether an effect can be held against a measure. */
export function isHarm(name: string): boolean {
  return harmKind(name) !== undefined;
}

/** What can stand for the effect, and what it can be held against, the likeliest first: harm before change before strain. */
export function measuresOf({ cells }: Sweep): { readonly effects: readonly string[]; readonly harms: readonly string[] } {
  const names = [...new Set(cells.flatMap(({ measures }) => Object.keys(measures)))];
  const harms = (['harm', 'change', 'strain'] as const).flatMap((kind) => names.filter((name) => harmKind(name) === kind));
  return { effects: [...names.filter((name) => !isHarm(name)), ...names.filter(isHarm)], harms };
}

/** Whether a measure is itself a comparison with the unedited runs, so that it is no gain against them. */
export function isComparison({ cells }: Pick<Sweep, 'cells'>, name: string): boolean {
  return cells.every(({ measures }) => !Object.hasOwn(measures, name) || measures[name].baseline === undefined);
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
  readonly best: {
    readonly cell: number;
    readonly effect: Interval;
    readonly gainPerCall: number;
    /** By the measure that was asked for; null where it has no value. */
    readonly harm: number | null;
    /** null where there is no harm to divide by. */
    readonly gainPerHarm: number | null;
  } | null;
}

/** The greatest effect for every value of an axis, with what it costs. @param harm measure that it is held against; undefined: none */
export function bestOf({ axes, cells }: Sweep, axis: number, effect: string, harm: string | undefined): BestOf[] {
  return axes[axis].values.map((_, value) => {
    const own = cells.flatMap((cell, index) => {
      const cost = cell.efficiencies.find(({ measure }) => measure === effect);
      const gain = effectOf(cell, effect);
      if (cell.at[axis] !== value || cost === undefined || gain === null) return [];
      const there = harm === undefined ? null : harmOf(cell, harm)?.value ?? null;
      return [{ cell: index, effect: gain, gain: cost.gain, gainPerCall: cost.gainPerCall, harm: there, gainPerHarm: there === null || there <= 0 ? null : cost.gain / there }];
    });
    const [best] = own.sort((a, b) => b.gain - a.gain); // of equal ones the first
    return { value, best: own.length === 0 ? null : best };
  });
}

/** The greatest of some values, to tell it from the others; null where none is above zero: what gains nothing is best at nothing. */
export function greatestOf(values: readonly (number | null | undefined)[]): number | null {
  const greatest = Math.max(...values.map((value) => value ?? 0), 0);
  return greatest > 0 ? greatest : null;
}
