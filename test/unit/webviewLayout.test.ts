import { describe, expect, it } from 'vitest';
import { axisTicks, columnAt, columnLeft, columnsOfSteps, layOutFilm } from '../../webview/kit/layout/columns.ts';
import { roundAbove } from '../../webview/kit/layout/roundAbove.ts';
import { layOutRow } from '../../webview/timeline/layout/rowPicture.ts';
import { layOutStage } from '../../webview/kit/layout/stageGrid.ts';
import { visibleRows } from '../../webview/timeline/layout/visibleRows.ts';

describe('columns of the axis', () => {
  const columns = { count: 30, width: 345 };

  it('are found again from the place where they stand', () => {
    for (let column = 0; column < 30; column++) {
      expect(columnAt(columns, columnLeft(columns, column) + 0.01)).toBe(column);
      expect(columnAt(columns, columnLeft(columns, column + 1) - 0.01)).toBe(column);
    }
    expect([columnAt(columns, -40), columnAt(columns, 9999)]).toEqual([0, 29]);
  });

  it.each([[30, 345, 48], [50, 200, 36], [3, 600, 48], [1, 100, 24]])('%i of them carry a film of whole frames, %i wide', (count, width, height) => {
    const frames = layOutFilm({ count, width }, height);
    expect(frames[0].from).toBe(0);
    expect(frames.at(-1)?.to).toBe(count);
    frames.forEach(({ from, to, column }, at) => {
      expect(from).toBe(at === 0 ? 0 : frames[at - 1].to);
      expect(column).toBeGreaterThanOrEqual(from);
      expect(column).toBeLessThan(to);
    });
    expect(frames.at(-1)?.column).toBe(count - 1);
    if (frames.length > 1) expect(frames[0].column).toBe(0);
  });

  it('bear step numbers that do not touch', () => {
    const ticks = axisTicks(Array.from({ length: 50 }, (_, step) => step), { count: 50, width: 300 });
    expect(ticks).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45]);
    expect(axisTicks([0, 1, 2, 3, 10, 11], { count: 6, width: 90 })).toEqual([0, 2, 4]);
    expect(axisTicks([0, 1, 5, 10], { count: 4, width: 40 })).toEqual([0, 3]);
  });

  it('of a window of steps', () => {
    expect(columnsOfSteps([0, 2, 4, 6], 1, 4)).toEqual([1, 3]);
    expect(columnsOfSteps([0, 2, 4, 6], 3, 3)).toBeNull();
    expect(columnsOfSteps([0, 2, 4, 6], 0, 99)).toEqual([0, 4]);
  });
});

describe('a row', () => {
  const mark = (step: number | null): { median: number | null; low: number | null; high: number | null } => ({ median: step, low: step, high: step });
  const request = {
    columns: { count: 4, width: 80 }, height: 31, steps: [0, 5, 10, 15], counts: [2, 2, 2, 0], gamma: Float32Array.of(0, 1, 4, 0), typical: 4, scale: 1, band: undefined,
    marks: { onset: mark(5), peak: mark(10), settle: mark(null) },
  };

  it('shows the columns that have come, strength by colour and by height', () => {
    const { heat, curve, base } = layOutRow(request);
    expect(heat.map(({ x, level }) => [x, level])).toEqual([[0, 0], [20, 12], [40, 23]]); // levels go by the square root
    expect(curve).toEqual([[0, base], [10, base], [30, expect.closeTo(base - (base - 4) / 4)], [50, 4], [60, 4]]);
  });

  it('places marks over the middle of their columns, and none that does not exist', () => {
    expect(layOutRow(request).marks.map(({ kind, x }) => [kind, x])).toEqual([['onset', 30], ['peak', 50]]);
  });

  it('scales curve and band together', () => {
    const band = { low: Float32Array.of(0, 0.5, 3, 0), high: Float32Array.of(0, 2, 8, 0) };
    const { band: outline, curve } = layOutRow({ ...request, counts: [2, 2, 2, 2], band });
    expect(Math.min(...outline.map(([, y]) => y))).toBe(4);
    expect(curve.find(([x]) => x === 50)?.[1]).toBeGreaterThan(4);
    expect(outline).toHaveLength(12);
  });

  it('has colours up to a round number above the strongest', () => {
    expect([0, 0.013, 0.1, 0.22, 0.4, 0.7, 3].map(roundAbove)).toEqual([expect.closeTo(1e-4), 0.025, 0.1, 0.25, 0.5, 1, 1]);
    expect(layOutRow({ ...request, scale: 0.25 }).heat.map(({ level }) => level)).toEqual([0, 23, 23]);
  });

  it('is empty before the first step, and flat where there is nothing', () => {
    const none = layOutRow({ ...request, counts: [0, 0, 0, 0] });
    expect([none.heat, none.curve]).toEqual([[], []]);
    const flat = layOutRow({ ...request, gamma: new Float32Array(4) });
    expect(new Set(flat.curve.map(([, y]) => y))).toEqual(new Set([flat.base]));
  });
});

describe('a list of many rows', () => {
  it('draws those in sight and some around, never beyond its ends', () => {
    expect(visibleRows(0, 320, 32, 5000, 4)).toEqual({ from: 0, to: 14 });
    expect(visibleRows(-3200, 320, 32, 5000, 4)).toEqual({ from: 96, to: 114 });
    expect(visibleRows(-159_900, 320, 32, 5000, 4)).toEqual({ from: 4992, to: 5000 });
    expect(visibleRows(900, 320, 32, 5000, 4)).toEqual({ from: 0, to: 0 });
  });
});

describe('the stage', () => {
  const room = { gap: 8, caption: 24, least: 88 };

  it('gives pictures the greatest squares that fit', () => {
    expect(layOutStage(1, { width: 400, height: 300, ...room })).toEqual({ side: 276, perLine: 1 });
    expect(layOutStage(3, { width: 600, height: 300, ...room })).toEqual({ side: 194, perLine: 3 });
    expect(layOutStage(3, { width: 360, height: 500, ...room })).toEqual({ side: 176, perLine: 2 });
  });

  it('scrolls rather than show them too small', () => {
    expect(layOutStage(40, { width: 400, height: 200, ...room })).toEqual({ side: 88, perLine: 4 });
    expect(layOutStage(1, { width: 40, height: 40, ...room })).toEqual({ side: 88, perLine: 1 });
  });
});
