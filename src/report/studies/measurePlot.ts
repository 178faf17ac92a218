import type { ControlName, ExperimentOutcome, Interval } from '../../study/outcome.ts';
import { niceRange, ticksOf } from './niceScale.ts';
import { isShareMeasure } from './measureGroups.ts';

type MeasureOutcome = ExperimentOutcome['measures'][string];
export type LaneKind = 'unedited' | 'edited' | ControlName;

/** One line of a plot: a dot and its interval. Places are shares of the plot's width. */
export interface Lane {
  readonly kind: LaneKind;
  readonly interval: Interval;
  /** null where there is nothing to show. */
  readonly dot: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Of the edit: each seed. */
  readonly seeds: readonly number[];
}

export interface MeasurePlot {
  readonly lanes: readonly Lane[];
  /** Values at the ends of the axis. */
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly { readonly value: number; readonly at: number }[];
  /** What was expected, [0, 1] of the width; null where nothing was. */
  readonly expected: { readonly from: number; readonly to: number } | null;
}

export interface Expected {
  readonly min?: number;
  readonly max?: number;
}

const controls: readonly ControlName[] = ['identity', 'random-concept', 'shuffled-region'];

/** Lay out a measure: the unedited runs, the edit and its controls under one axis, which holds 0. */
export function layOutMeasure(name: string, measure: MeasureOutcome, expected: Expected | null): MeasurePlot {
  const rows: { kind: LaneKind; interval: Interval; seeds: readonly number[] }[] = [
    ...(measure.baseline === undefined ? [] : [{ kind: 'unedited' as const, interval: measure.baseline, seeds: [] }]),
    { kind: 'edited', interval: measure, seeds: measure.perSeed.filter((value) => value !== null) },
    ...controls.flatMap((kind) => (Object.hasOwn(measure.controls, kind) ? [{ kind, interval: measure.controls[kind], seeds: [] }] : [])),
  ];
  const values = rows.flatMap(({ interval: { value, low, high }, seeds }) => [value, low, high, ...seeds]).filter((value): value is number => value !== null);
  const bounds = [expected?.min, expected?.max].filter((bound) => bound !== undefined);
  const [from, to] = isShareMeasure(name) ? [Math.min(0, ...values), Math.max(1, ...values)] : niceRange(Math.min(0, ...values, ...bounds), Math.max(0, ...values, ...bounds));
  const at = (value: number): number => Math.min(Math.max((value - from) / (to - from), 0), 1);
  const orNull = (value: number | null): number | null => (value === null ? null : at(value));
  return {
    from, to,
    lanes: rows.map(({ kind, interval, seeds }) => ({ kind, interval, dot: orNull(interval.value), low: orNull(interval.low), high: orNull(interval.high), seeds: seeds.map(at) })),
    ticks: ticksOf(from, to).map((value) => ({ value, at: at(value) })),
    expected: expected === null || bounds.length === 0 ? null : { from: at(expected.min ?? from), to: at(expected.max ?? to) },
  };
}
