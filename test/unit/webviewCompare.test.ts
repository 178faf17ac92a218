import { describe, expect, it } from 'vitest';
import { rampLevels } from '../../src/report/ramp.ts';
import { niceRange, ticksOf } from '../../src/report/studies/niceScale.ts';
import { generate, generateOutcome, generatePair } from '../../webview/compare/generate.ts';
import { layOutChange } from '../../webview/compare/layout/changeRow.ts';
import { editWindows } from '../../webview/compare/layout/editWindows.ts';
import { layOutMeasure } from '../../src/report/studies/measurePlot.ts';
import { cellLines } from '../../webview/kit/layout/cellLines.ts';
import { conceptChanges, coursesOf } from '../../webview/compare/model/conceptChanges.ts';
import { groupMeasures } from '../../src/report/studies/measureGroups.ts';
import { createPair, isPairMeasured, measurePair } from '../../webview/compare/model/pairModel.ts';
import { partingColumn, pictureDifference } from '../../webview/compare/model/pictureDifference.ts';
import { regionOutline } from '../../webview/compare/model/regionOutline.ts';
import { faultsOf, subjectsOf } from '../../webview/compare/model/subjects.ts';
import { textsOf } from '../../webview/compare/texts.ts';
import { firstView, fromMemory } from '../../webview/compare/view.ts';

const measured = (options = {}, role: 'edited' | 'identity' = 'edited') =>
  measurePair(createPair(generatePair(0, role === 'edited' ? { role } : { role, draw: 0 }, options), 30), () => true);

describe('a pair of runs', () => {
  it('is measured in slices, and is then the same model', () => {
    let left = 5;
    const model = measurePair(createPair(generatePair(0, { role: 'edited' }), 30), () => left-- > 0);
    expect(isPairMeasured(model)).toBe(false);
    const whole = measurePair(model, () => true);
    expect(isPairMeasured(whole)).toBe(true);
    expect(measurePair(whole, () => true)).toBe(whole);
  });

  it('has no sites where a run is missing', () => {
    const model = createPair(generatePair(0, { role: 'edited' }, { failed: [0] }), 30);
    expect([model.sites, isPairMeasured(model), model.axis.steps.length]).toEqual([[], false, 30]);
  });
});

describe('changed concepts', () => {
  it('come with the greatest difference first, none before the edit acts', () => {
    const changes = conceptChanges(measured({ from: 6 }).sites[1]);
    expect(changes[0].concept).toBe(236); // the house that moves
    expect(changes.every(({ column }) => column >= 6)).toBe(true);
    expect(changes.map(({ change }) => Math.abs(change))).toEqual(changes.map(({ change }) => Math.abs(change)).sort((a, b) => b - a));
  });

  it('have courses whose difference is the change', () => {
    const [, site] = measured().sites;
    const [first] = conceptChanges(site);
    const { unedited, edited } = coursesOf(site, first.concept);
    expect(edited[first.column] - unedited[first.column]).toBeCloseTo(first.change, 5);
  });

  it('are none where both runs are the same', () => {
    expect(measured({}, 'identity').sites.flatMap(conceptChanges)).toEqual([]);
  });

  it('are drawn on one scale, zero in the middle of the ramp', () => {
    const { heat, unedited, edited } = layOutChange({ unedited: Float32Array.of(0, 0.2, 0.4), edited: Float32Array.of(0, 0.4, 0.2) }, { count: 3, width: 300 }, 36, 0.2);
    expect(heat.map(({ level }) => level)).toEqual([rampLevels - 1, 2 * rampLevels - 2, 0]);
    expect(Math.min(...unedited.map(([, y]) => y))).toBe(Math.min(...edited.map(([, y]) => y)));
    expect([edited[0][0], edited.at(-1)?.[0]]).toEqual([0, 300]);
  });
});

describe('pictures', () => {
  const rgba = (...levels: number[]): Uint8ClampedArray => Uint8ClampedArray.from(levels.flatMap((level) => [level, level, level, 255]));

  it('differ by the mean over the channels', () => {
    const { map, mean, parted } = pictureDifference(rgba(0, 255, 10, 10), rgba(255, 255, 10, 10), 2, 2);
    expect([...map]).toEqual([1, 0, 0, 0]);
    expect([mean, parted]).toEqual([0.25, true]);
  });

  it('have a scale that one pixel of a hundred does not set', () => {
    const [a, b] = [rgba(...Array.from({ length: 200 }, () => 0)), rgba(255, ...Array.from({ length: 199 }, () => 51))];
    expect(pictureDifference(a, b, 20, 10).high).toBeCloseTo(0.2, 5);
  });

  it('part at the first step that differs', () => {
    const [same, other] = [pictureDifference(rgba(1), rgba(1), 1, 1), pictureDifference(rgba(1), rgba(2), 1, 1)];
    expect([partingColumn([same, null, other, other]), partingColumn([same, same])]).toEqual([2, -1]);
  });
});

describe('a region', () => {
  const [edit] = generateOutcome().edits;
  const model = measured();

  it('is drawn as the cells of its box, or its corners', () => {
    const right = regionOutline({ ...edit, where: 'right' }, model, 0);
    expect(right !== null && 'cells' in right && [right.cells[31], right.cells[32], right.width]).toEqual([0, 1, 64]);
    expect(regionOutline({ ...edit, where: { polygon: [[0, 0], [1, 0], [1, 1]] } }, model, 0)).toEqual({ polygon: [[0, 0], [1, 0], [1, 1]] });
  });

  it('has an outline of whole lines, so that it can be dashed', () => {
    expect(cellLines(Uint8Array.of(0, 1, 1, 0, 1, 1, 0, 0, 0), 3, 3)).toEqual([[1, 0, 3, 0], [1, 2, 3, 2], [1, 0, 1, 2], [3, 0, 3, 2]]);
    expect(cellLines(Uint8Array.of(1, 0, 1), 1, 3)).toHaveLength(8);
  });

  it('of concepts is where they are in the edited run at that step', () => {
    const outline = regionOutline({ ...edit, where: { concepts: [236], above: 0.5 } }, model, 20);
    const cells = outline !== null && 'cells' in outline ? outline.cells : new Uint8Array();
    const columns = [...cells.keys()].filter((cell) => cells[cell] === 1).map((cell) => cell % 8);
    expect(Math.min(...columns)).toBeGreaterThanOrEqual(4); // it has been moved to the right
  });

  it('is not drawn where nobody knows its shape, or where it is everywhere', () => {
    for (const where of ['everywhere', 'nowhere', { mask: 'hash' }] as const) expect(regionOutline({ ...edit, where }, model, 0)).toBeNull();
  });
});

describe('an outcome', () => {
  it('offers the edit and every draw of its controls, and tells of what failed', () => {
    const outcome = generateOutcome({ failed: [2] });
    expect(subjectsOf(outcome).map(({ key }) => key)).toEqual(['edited', 'identity 0', 'random-concept 0', 'random-concept 1', 'random-concept 2', 'shuffled-region 0', 'shuffled-region 1', 'shuffled-region 2']);
    expect(faultsOf(outcome).map(({ subject, seed }) => [subject?.key, seed])).toEqual([['edited', 2]]);
  });

  it('has its windows along the axis, overlapping ones as one', () => {
    expect(editWindows([{ steps: [0, 1, 2] }, { steps: [2, 3] }, { steps: [8] }], [0, 1, 2, 3, 6, 8])).toEqual([{ from: 0, to: 4, first: 0, last: 3 }, { from: 5, to: 6, first: 8, last: 8 }]);
  });

  it('has measures by what they are about', () => {
    expect(groupMeasures(generateOutcome().measures)).toEqual([
      { group: 'effect', names: ['presence:house', 'iou:house'] }, { group: 'inside', names: ['inside.perceptual'] },
      { group: 'outside', names: ['outside.perceptual', 'outside.ssim'] }, { group: 'health', names: ['ood'] },
    ]);
  });
});

describe('the plot of a measure', () => {
  const { measures } = generateOutcome();

  it('has a lane for the unedited runs, the edit and each control, under one axis', () => {
    const { lanes, from, to, expected } = layOutMeasure('presence:house', measures['presence:house'], { min: 0.5 });
    expect(lanes.map(({ kind }) => kind)).toEqual(['unedited', 'edited', 'identity', 'random-concept', 'shuffled-region']);
    expect([from, to, expected]).toEqual([0, 1, { from: 0.5, to: 1 }]);
    expect(lanes[1].dot).toBeCloseTo(0.92);
    expect(lanes[1].seeds).toHaveLength(4);
  });

  it('bears a measure without a value', () => {
    const nothing = { value: null, low: null, high: null, n: 0 };
    const { lanes, from, to } = layOutMeasure('clip', { ...nothing, perSeed: [null], gain: nothing, controls: {}, definition: '' }, null);
    expect([lanes.length, lanes[0].dot, from, to]).toEqual([1, null, 0, 1]);
  });

  it('ends on round numbers', () => {
    expect([niceRange(0, 0.41), niceRange(-0.03, 0.53), niceRange(0, 0)]).toEqual([[0, 0.5], [-0.1, 0.6], [0, 1]]);
    expect(ticksOf(-0.1, 0.3)).toEqual([-0.1, 0, 0.1, 0.2, 0.3]);
  });
});

describe('what is kept over a reload', () => {
  it('is taken part by part', () => {
    const view = { ...firstView, seed: 3, step: 7, chosen: { site: 'a|cond', concept: 5 } };
    expect(fromMemory(JSON.parse(JSON.stringify(view)))).toEqual(view);
    expect(fromMemory({ ...view, step: -1, split: 7, chosen: { site: 1 } })).toEqual({ ...view, step: null, split: 0.5, chosen: null });
    expect(fromMemory('x')).toEqual(firstView);
  });
});

it('has every text in both languages', () => {
  expect(Object.keys(textsOf('ja'))).toEqual(Object.keys(textsOf('en')));
  expect(generate().outcome?.seeds).toHaveLength(4);
});
