import { describe, expect, it } from 'vitest';
import { generate } from '../../webview/sweep/generate.ts';
import { placeNames } from '../../webview/sweep/layout/placeNames.ts';
import { textOn } from '../../webview/sweep/layout/tint.ts';
import { layOutTrades, pointAt } from '../../webview/sweep/layout/tradePlot.ts';
import { cellsOfSlice, shownAxes } from '../../src/report/studies/sweepAxes.ts';
import { bestOf, greatestOf, harmKind, harmOf, isComparison, measuresOf, tradesOf } from '../../src/report/studies/sweepEffects.ts';
import { firstView, fromMemory } from '../../webview/sweep/view.ts';
import type { SweepData } from '../../webview/sweepProtocol.ts';

type Sweep = NonNullable<SweepData['sweep']>;

function sweepOf(options = {}): Sweep {
  const { sweep } = generate(options);
  if (sweep === null) throw new Error('no sweep');
  return sweep;
}

describe('axes', () => {
  it('are named by what they vary, and by the edit where several do', () => {
    const axes = shownAxes([{ pointer: '/edits/0/add', values: [1, 2] }, { pointer: '/edits/1/add', values: [3] }, { pointer: '/edits/0/during', values: ['early', { from: 1, to: 0.6 }, { steps: [0, 4] }] }]);
    expect(axes.map(({ name }) => name)).toEqual(['add 1', 'add 2', 'during']);
    expect(axes[2]).toMatchObject({ isWindow: true, values: ['early', 't 1 – 0.6', '0 – 4'] });
  });

  it('cut what is too long to read, and undo the escapes of a pointer', () => {
    const [axis] = shownAxes([{ pointer: '/a~1b', values: [Array.from({ length: 60 }, (_, index) => index)] }]);
    expect(axis.name).toBe('a/b');
    expect(axis.values[0]).toHaveLength(40);
  });

  it('give a slice by rows and columns, others fixed', () => {
    const sweep = sweepOf({ regions: ['right', 'left'] });
    const grid = cellsOfSlice(sweep, { rows: 2, columns: 0, fixed: [0, 3, 0] });
    expect(grid.map((row) => row.map((cell) => (cell === null ? null : sweep.cells[cell].at)))).toEqual([[[0, 3, 0], [1, 3, 0], [2, 3, 0]], [[0, 3, 1], [1, 3, 1], [2, 3, 1]]]);
    expect(cellsOfSlice({ ...sweep, cells: [] }, { rows: 0, columns: null, fixed: [0, 0, 0] })).toEqual([[null], [null], [null]]);
  });
});

describe('effect and harm', () => {
  const sweep = sweepOf();

  it('are told apart by their measures', () => {
    expect(measuresOf(sweep)).toEqual({ effects: ['presence:house', 'iou:house', 'outside.perceptual', 'outside.ssim'], harms: ['outside.perceptual', 'outside.ssim'] });
  });

  it('are held against harm before change of the whole picture before strain, never against what happens inside the region', () => {
    const { harms, effects } = measuresOf(sweepOf({ measures: ['ood', 'presence:house', 'inside.perceptual', 'perceptual', 'outside.ssim'] }));
    expect(harms.map((name) => [name, harmKind(name)])).toEqual([['outside.ssim', 'harm'], ['perceptual', 'change'], ['ood', 'strain']]);
    expect(effects.slice(0, 2)).toEqual(['presence:house', 'inside.perceptual']);
    expect([harmKind('inside.ssim'), harmKind('inside.mse'), harmKind('iou:ood')]).toEqual([undefined, undefined, undefined]);
    expect(measuresOf(sweepOf({ measures: ['presence:house'] })).harms).toEqual([]);
  });

  it('are gains against the unedited runs, but where a measure is itself a comparison with them', () => {
    expect(['presence:house', 'iou:house', 'outside.perceptual', 'outside.ssim'].map((name) => isComparison(sweep, name))).toEqual([false, false, true, true]);
  });

  it('turn a similarity round, its interval too', () => {
    const interval = { value: 0.8, low: 0.7, high: 0.85, n: 4 };
    const harm = harmOf({ at: [0], efficiencies: [], measures: { 'outside.ssim': { ...interval, gain: interval } } }, 'outside.ssim');
    expect([harm?.value, harm?.low, harm?.high].map((value) => Number(value?.toFixed(3)))).toEqual([0.2, 0.15, 0.3]);
  });

  it('make a front of those that no other beats', () => {
    const trades = tradesOf(sweep, 'presence:house', 'outside.perceptual');
    const better = (a: (typeof trades)[number], b: (typeof trades)[number]): boolean =>
      Number(a.effect.value) >= Number(b.effect.value) && Number(a.harm.value) <= Number(b.harm.value) && (a.effect.value !== b.effect.value || a.harm.value !== b.harm.value);
    expect(trades).toHaveLength(12);
    for (const trade of trades) expect(trade.best).toBe(!trades.some((other) => better(other, trade)));
  });

  it('leave out cells without a value', () => {
    const [first, ...others] = sweep.cells;
    expect(tradesOf({ ...sweep, cells: [{ ...first, measures: {} }, ...others] }, 'presence:house', 'outside.perceptual')).toHaveLength(11);
  });

  it('are best, for each window, where the effect is greatest', () => {
    expect(bestOf(sweep, 0, 'presence:house', undefined).map(({ best }) => [best?.cell, best?.harm, best?.gainPerHarm])).toEqual([[3, null, null], [7, null, null], [11, null, null]]);
    expect(bestOf(sweep, 0, 'nothing', 'outside.ssim').map(({ best }) => best)).toEqual([null, null, null]);
  });

  it('cost what the chosen measure says, not the first one', () => {
    const [early] = bestOf(sweep, 0, 'presence:house', 'outside.ssim');
    const harm = 1 - Number(sweep.cells[3].measures['outside.ssim'].value);
    expect(early.best?.harm).toBeCloseTo(harm);
    expect(early.best?.gainPerHarm).toBeCloseTo(Number(sweep.cells[3].measures['presence:house'].gain.value) / harm);
  });

  it('have a greatest one where any is above zero', () => {
    expect([greatestOf([null, 2, 1, undefined]), greatestOf([-1, null]), greatestOf([0]), greatestOf([])]).toEqual([2, null, null, null]);
  });
});

describe('the plane of effect and harm', () => {
  const plot = layOutTrades(tradesOf(sweepOf(), 'presence:house', 'outside.perceptual'), 500, 280);

  it('keeps every point and whisker within its frame, and the front rising', () => {
    for (const { x, y, across, down } of plot.points) {
      for (const at of [x, ...across ?? []]) expect(at >= plot.left - 1e-6 && at <= plot.right + 1e-6).toBe(true);
      for (const at of [y, ...down ?? []]) expect(at >= plot.top - 1e-6 && at <= plot.bottom + 1e-6).toBe(true);
    }
    for (const [index, [x, y]] of plot.front.entries()) if (index > 0) expect(x >= plot.front[index - 1][0] && y <= plot.front[index - 1][1]).toBe(true);
  });

  it('names points clear of signs, of each other and of the frame, or not at all', () => {
    const point = (x: number, y: number) => ({ cell: 0, x, y, best: true, across: null, down: null });
    const frame = { left: 0, right: 200, top: 0, bottom: 100, points: [point(50, 50), point(70, 42), point(190, 50), point(5, 95)] };
    const name = (x: number, y: number, text: string) => ({ x, y, text, width: 60 });
    expect(placeNames(frame, [name(50, 50, 'below: another sign is above'), name(190, 50, 'to the left'), name(52, 52, 'nowhere'), name(5, 95, 'above')])).toEqual([
      { text: 'below: another sign is above', x: 59, y: 59 }, { text: 'to the left', x: 121, y: 41 }, { text: 'above', x: 14, y: 86 },
    ]);
  });

  it('finds the point under the pointer', () => {
    const [point] = plot.points;
    expect(pointAt(plot, point.x + 2, point.y - 2, 5)?.cell).toBe(point.cell);
    expect(pointAt(plot, -100, -100)).toBeNull();
  });
});

it('writes on a colour what is read on it', () => {
  expect([textOn('#ffffff'), textOn('#000000'), textOn('#1f3a93'), textOn('#f0e442')]).toEqual(['#000000', '#ffffff', '#ffffff', '#000000']);
});

it('keeps a view over a reload, part by part', () => {
  const view = { ...firstView, rows: 1, columns: 0, fixed: [0, 2], effect: 'iou:house', cell: 4 };
  expect(fromMemory(JSON.parse(JSON.stringify(view)))).toEqual(view);
  expect(fromMemory({ ...view, fixed: [-1], cell: 'x' })).toEqual({ ...view, fixed: [], cell: null });
});
