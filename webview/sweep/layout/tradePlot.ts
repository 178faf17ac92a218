import type { Interval } from '../../../src/study/outcome.ts';
import { niceRange, ticksOf } from '../../../src/report/studies/niceScale.ts';
import type { Trade } from '../../../src/report/studies/sweepEffects.ts';

/** A cell in the plot, in pixels. */
export interface TradePoint {
  readonly cell: number;
  readonly x: number;
  readonly y: number;
  readonly best: boolean;
  /** Ends of the whiskers; null where the interval is not known. */
  readonly across: readonly [from: number, to: number] | null;
  readonly down: readonly [from: number, to: number] | null;
}

export interface TradePlot {
  readonly points: readonly TradePoint[];
  /** The front as a staircase, from the least harm. */
  readonly front: readonly (readonly [x: number, y: number])[];
  readonly xTicks: readonly { readonly value: number; readonly x: number }[];
  readonly yTicks: readonly { readonly value: number; readonly y: number }[];
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const margins = { left: 44, right: 16, top: 12, bottom: 24 };

/** Lay out effect (up) against harm (to the right); both axes hold 0. */
export function layOutTrades(trades: readonly Trade[], width: number, height: number): TradePlot {
  const [left, right, top, bottom] = [margins.left, width - margins.right, margins.top, height - margins.bottom];
  const [x0, x1] = rangeOf(trades.map(({ harm }) => harm));
  const [y0, y1] = rangeOf(trades.map(({ effect }) => effect));
  const x = (value: number): number => left + ((value - x0) / (x1 - x0)) * (right - left);
  const y = (value: number): number => bottom - ((value - y0) / (y1 - y0)) * (bottom - top);
  const ends = ({ low, high }: Interval, place: (value: number) => number): readonly [number, number] | null => (low === null || high === null ? null : [place(low), place(high)]);
  const points = trades.map(({ cell, effect, harm, best }) => ({ cell, best, x: x(harm.value ?? 0), y: y(effect.value ?? 0), across: ends(harm, x), down: ends(effect, y) }));
  const best = points.filter((point) => point.best).sort((a, b) => a.x - b.x || b.y - a.y);
  return {
    points, left, right, top, bottom,
    front: best.flatMap((point, index): [number, number][] => (index === 0 ? [[point.x, point.y]] : [[point.x, best[index - 1].y], [point.x, point.y]])),
    xTicks: ticksOf(x0, x1).map((value) => ({ value, x: x(value) })),
    yTicks: ticksOf(y0, y1).map((value) => ({ value, y: y(value) })),
  };
}

/** The point under a place, the nearest within reach; null where none is. */
export function pointAt({ points }: TradePlot, x: number, y: number, reach = 14): TradePoint | null {
  const distance = (point: TradePoint): number => Math.hypot(point.x - x, point.y - y);
  const nearest = points.reduce<TradePoint | null>((best, point) => (best === null || distance(point) < distance(best) ? point : best), null);
  return nearest !== null && distance(nearest) <= reach ? nearest : null;
}

function rangeOf(intervals: readonly Interval[]): readonly [from: number, to: number] {
  const values = intervals.flatMap(({ value, low, high }) => [value, low, high]).filter((value) => value !== null);
  return niceRange(Math.min(0, ...values), Math.max(0, ...values));
}
