import { describe, expect, it } from 'vitest';
import { conceptColours } from '../../src/report/ramp.ts';
import { parseSpec } from '../../src/spec/parseSpec.ts';
import type { PanelSite } from '../../webview/protocol.ts';
import { generate } from '../../webview/timeline/generate.ts';
import { summariseSite } from '../../webview/trace/siteSummary.ts';
import { createModel, measure } from '../../webview/timeline/model/timelineModel.ts';
import { pictureSize } from '../../webview/kit/paint/pictureSize.ts';
import { firstSite, proposeTicks } from '../../webview/timeline/proposeTicks.ts';
import { close, drag, leave, maskOf, nothingDrawn, press, release, withTool } from '../../webview/timeline/region/drawing.ts';
import type { Brush, Drawing, Point } from '../../webview/timeline/region/drawing.ts';
import { emptyMask, stroke } from '../../webview/timeline/region/paintedMask.ts';
import { textsOf } from '../../webview/timeline/texts.ts';
import { duration, time, twoDigits } from '../../webview/kit/numbers.ts';
import { mark, shortMark } from '../../webview/timeline/marks.ts';
import { firstView, fromMemory, toggleTick, toMemory } from '../../webview/timeline/view.ts';
import type { Ticked, View } from '../../webview/timeline/view.ts';

describe('what is kept over a reload', () => {
  const view: View = {
    ...firstView, step: 7, run: 'seed 2', chosen: { site: 'mid|cond', concept: 312 }, ticked: [{ site: 'mid|cond', concept: 312, colour: 3 }], open: ['mid|cond'], idle: ['mid|cond'],
    sorting: 'settle', search: 'house', opacity: 0.4, smooth: true, during: { steps: [2, 9] }, add: -3, drawing: { ...withTool('box'), region: { box: [0, 0.1, 0.5, 1] } },
  };

  it('comes back as it was', () => {
    expect(fromMemory(JSON.parse(JSON.stringify(toMemory(view))))).toEqual(view);
    const polygon: View = { ...view, drawing: { tool: 'polygon', region: { polygon: [[0, 0], [1, 0], [0.5, 1]] }, draft: [] } };
    expect(fromMemory(JSON.parse(JSON.stringify(toMemory(polygon))))).toEqual(polygon);
  });

  it('holds no painted mask', () => {
    expect(toMemory({ ...view, drawing: { tool: 'brush', region: { painted: emptyMask(64, 64) }, draft: [] } })).toMatchObject({ drawing: { tool: 'brush', region: null } });
  });

  it.each([undefined, null, 7, 'x', [], {}, { step: -1, run: 0.5, chosen: { site: 1 }, ticked: [{ site: 'a', concept: 1, colour: 99 }], open: [1], idle: null, sorting: 'evil', search: 5,
    opacity: 7, smooth: 'yes', during: { steps: [1] }, add: NaN, drawing: { tool: 'box', region: { box: [0, 0, 2, 1] }, draft: [] } }])('is as at first where it is not as it should be: %j', (memory) => {
    expect(fromMemory(memory)).toEqual(firstView);
  });
});

describe('ticked concepts', () => {
  it('take the first free colour, and give it back', () => {
    let ticked: readonly Ticked[] = [];
    for (let concept = 0; concept < conceptColours.length; concept++) ticked = toggleTick(ticked, { site: 'a', concept }) ?? [];
    expect(ticked.map(({ colour }) => colour)).toEqual(conceptColours.map((_, at) => at));
    expect(toggleTick(ticked, { site: 'a', concept: 99 })).toBeNull();
    ticked = toggleTick(ticked, { site: 'a', concept: 2 }) ?? [];
    expect(toggleTick(ticked, { site: 'b', concept: 2 })?.at(-1)).toEqual({ site: 'b', concept: 2, colour: 2 });
  });

  it('are proposed: named, telling, what the prompt speaks of, and strong at the newest step', () => {
    const model = measure(createModel(generate({ steps: 10, seeds: 2 })), () => true);
    const summary = summariseSite(model.sites[1], [0, 1]);
    const { labels } = summary.site.site;
    const proposed = (prompt: string): string[] => proposeTicks(summary, prompt).map(({ concept }) => labels[concept]);
    const strongest = summary.active.filter((id) => id in labels).sort((a, b) => summary.strengthAt(b, 9) - summary.strengthAt(a, 9)).map((id) => labels[id]);
    expect(strongest.slice(0, 4)).toContain('meadow');
    expect(proposed('')).toEqual(strongest.filter((label) => label !== 'horizon' && label !== 'left').slice(0, 2)); // the same in every picture; a place
    expect(new Set(proposed('A tree, left of a roof.'))).toEqual(new Set(['tree', 'roof']));
    expect(proposed('a house')[0]).toBe('red house');
  });
});

describe('the site to look at first', () => {
  const site = (name: string, labels: Record<number, string>, contextFree: number[] = []): PanelSite => ({
    site: name, branch: 'cond', height: 8, width: 8, d: 4, n: 9, k: 2, labels, typical: new Float32Array(9), contextFree,
  });

  it('has most names of things; among equals it is the middle one', () => {
    const [down, middle, up] = [site('down', { 1: 'tree' }), site('mid_block.attentions.0', { 1: 'left', 2: 'right', 3: 'sky' }, [3]), site('up', { 1: 'tree', 2: 'house' })];
    expect(firstSite([down, middle, up])).toBe(2);
    expect(firstSite([site('down', {}), site('mid_block.attentions.0', {}), site('up', {})])).toBe(1);
    expect(firstSite([down, site('mid_block.attentions.0', { 5: 'sky' })])).toBe(1);
    expect([firstSite([site('up', {})]), firstSite([])]).toEqual([0, -1]);
  });
});

describe('drawing a region', () => {
  const brush: Brush = { radius: 0.1, erase: false, width: 32, height: 32 };
  const through = (drawing: Drawing, ...points: Point[]): Drawing => points.slice(1).reduce((drawn, point) => drag(drawn, point, brush), press(drawing, points[0], brush));

  it('gives a box with its corners in order, and none for a click', () => {
    expect(release(through(withTool('box'), [0.8, 0.1], [0.5, 0.5], [0.25, 0.75])).region).toEqual({ box: [0.25, 0.1, 0.8, 0.75] });
    expect(release(through(withTool('box'), [0.4, 0.4])).region).toBeNull();
  });

  it('gives a polygon from its corners, closed by enter or at the first corner', () => {
    const corners: Point[] = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]];
    const drawn = corners.reduce((drawing, point) => release(press(drag(drawing, point, brush), point, brush)), withTool('polygon'));
    expect(drawn.region).toBeNull();
    expect(close(drawn).region).toEqual({ polygon: corners });
    expect(press(drawn, [0.11, 0.11], brush).region).toEqual({ polygon: corners });
    expect(close(press(withTool('polygon'), [0, 0], brush)).region).toBeNull();
  });

  it('paints what the brush passes over, and erases it', () => {
    const painted = release(through(withTool('brush'), [0.2, 0.5], [0.8, 0.5]));
    const mask = maskOf(painted);
    if (mask === null) throw new Error('nothing was painted');
    const covered = mask.data.filter((value) => value === 255).length / 32 ** 2;
    expect(covered).toBeGreaterThan(0.13); // 0.6 x 0.2 and two half discs
    expect(covered).toBeLessThan(0.17);
    const erased = release(press({ ...painted }, [0.5, 0.5], { ...brush, radius: 1, erase: true }));
    expect(maskOf(erased)?.data.includes(255)).toBe(false);
    expect(mask.data.includes(255)).toBe(true); // the mask before is another one
  });

  it('is left step by step: what is begun, then what is drawn', () => {
    const begun = press(withTool('box'), [0.1, 0.1], brush);
    expect(leave(begun).draft).toEqual([]);
    expect(leave({ ...withTool('polygon'), region: { polygon: [[0, 0], [1, 0], [0, 1]] } }).region).toBeNull();
    expect(press(nothingDrawn, [0.5, 0.5], brush)).toEqual(nothingDrawn);
  });

  it('yields regions that a spec accepts', () => {
    const box = release(through(withTool('box'), [0.123456, 0], [1, 0.987654])).region;
    expect(box).toEqual({ box: [0.123, 0, 1, 0.988] });
    const polygon = close(press(press(press(withTool('polygon'), [0, 0], brush), [1 / 3, 0], brush), [0, 2 / 3], brush)).region;
    for (const where of [box, polygon, 'everywhere']) {
      const spec = { dmi: 1, model: 'builtin:scenes', sample: { prompt: 'x', seeds: [0], steps: 4 }, experiments: { a: { edits: [{ site: 'mid', concept: 1, add: 4, where, during: { steps: [0, 3] } }] } } };
      expect(parseSpec(JSON.stringify(spec), 'a.dmi.json').problems).toEqual([]);
    }
  });

  it('a stroke of no length is a disc', () => {
    const { data } = stroke(emptyMask(21, 21), [0.5, 0.5], [0.5, 0.5], 5 / 21, false);
    expect(data.filter((value) => value === 255).length / (Math.PI * 25)).toBeCloseTo(1, 1);
  });
});

describe('numbers', () => {
  const en = textsOf('en');

  it('have two digits and their unit', () => {
    expect([0.1234, 12.34, 1234, 0].map(twoDigits)).toEqual(['0.12', '12', '1200', '0']);
    expect(time(0.7666)).toBe('0.77');
    expect([4.123, 41.2, 150].map((seconds) => duration(seconds, en))).toEqual(['4.1 s', '41 s', '2.5 min']);
  });

  it('tell how far seeds differ', () => {
    expect(mark({ median: 5, low: 4, high: null }, en)).toBe('5 (4 to –)');
    expect([mark({ median: 5, low: 5, high: 5 }, en), shortMark({ median: 5, low: 4, high: 6 }), shortMark({ median: null, low: null, high: null })]).toEqual(['5', '5±', '–']);
  });

  it('have every text in both languages, with the same values in it', () => {
    const ja = textsOf('ja');
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect(typeof ja[key], key).toBe(typeof en[key]);
    expect(ja.step(7, 30, '0.77')).toContain('7/30');
  });
});

describe('pictures', () => {
  it('tell their size before they are decoded, and refuse what is none', () => {
    const [preview] = generate({ steps: 1, side: 40 }).runs[0].previews;
    expect(pictureSize(preview ?? new Uint8Array())).toEqual({ width: 40, height: 40 });
    expect(pictureSize(new Uint8Array(100))).toBeNull();
    expect(pictureSize(Uint8Array.of(0x89, 0x50))).toBeNull();
  });
});
