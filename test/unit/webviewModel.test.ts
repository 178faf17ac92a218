import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanWhenActive, rankConcepts } from '../../src/concepts/rankConcepts.ts';
import { conceptMaps, indexConcepts } from '../../src/concepts/maps.ts';
import { summariseConcepts } from '../../src/concepts/summariseConcepts.ts';
import type { SiteTrace } from '../../src/concepts/siteTrace.ts';
import { timelineOf } from '../../src/concepts/timeline.ts';
import type { PanelData } from '../../webview/protocol.ts';
import { generate } from '../../webview/timeline/generate.ts';
import { mapOf, Reach } from '../../webview/trace/mapOf.ts';
import { orderRows } from '../../webview/timeline/model/orderRows.ts';
import { Settlements } from '../../webview/timeline/model/settlements.ts';
import { settling, unsettled } from '../../webview/timeline/model/settling.ts';
import { summariseSite } from '../../webview/trace/siteSummary.ts';
import { addColumn, addImage, createModel, measure } from '../../webview/timeline/model/timelineModel.ts';
import type { TimelineModel } from '../../webview/timeline/model/timelineModel.ts';

const sites = [{ site: 'mid_block.attentions.0', side: 6, n: 120, k: 6 }, { site: 'up_blocks.0.attentions.0', side: 8, n: 90, k: 4 }];
const data = generate({ steps: 12, seeds: 3, sites, side: 8 });
const whole = (panel: PanelData): TimelineModel => measure(createModel(panel), () => true);

describe('the panel\'s numbers are those of `dmi run --json`', () => {
  const model = whole(data);

  it.each([0, 1])('strength, rank, γ, band and marks of every concept of site %i', (at) => {
    const site = model.sites[at];
    const summary = summariseSite(site, [0, 1, 2]);
    const ranked = rankConcepts(site.traces, site.site.typical);
    expect(summary.active).toEqual(ranked.map(({ id }) => id));
    for (const { id, strength } of ranked) expect(summary.strength[id]).toBeCloseTo(strength, 12);
    for (const expected of summariseConcepts(site.traces, ranked.map(({ id }) => id))) {
      const facts = summary.facts(expected.id);
      expect([...facts.gamma]).toEqual([...expected.gamma]);
      expect(summary.strengthAt(expected.id, 4)).toBeCloseTo(facts.gamma[4] / facts.typical, 6);
      expect([facts.onset, facts.peak, facts.decay]).toEqual([expected.onset, expected.peak, expected.decay]);
    }
    const [{ id }] = ranked;
    expect(summary.band(id)).toEqual(summariseConcepts(site.traces, [id])[0].band);
  });

  it('of a single seed, without a band', () => {
    const summary = summariseSite(model.sites[0], [1]);
    const [expected] = summariseConcepts([model.sites[0].traces[1]], [summary.active[0]]);
    expect([...summary.facts(expected.id).gamma]).toEqual([...expected.gamma]);
    expect(summary.band(expected.id)).toBeUndefined();
    expect(summary.hasBand(expected.id)).toBe(true);
  });

  it('take the unit of strength from the runs where training tells none', () => {
    const silent = createModel({ ...data, sites: data.sites.map((site) => ({ ...site, typical: site.typical.map((value, id) => (id % 2 === 0 ? 0 : value)) })) });
    const [site] = measure(silent, () => true).sites;
    const observed = meanWhenActive(site.traces);
    expect([...summariseSite(site, [0]).typical]).toEqual([...observed].map((mean, id) => (id % 2 === 0 ? mean : site.site.typical[id])));
  });

  it('say where each concept settles, and how far it reaches', () => {
    const [trace] = model.sites[0].traces;
    const index = indexConcepts(trace);
    const settled = finish(settling(trace));
    const reach = new Reach();
    for (let id = 0; id < trace.n; id++) {
      const maps = conceptMaps(trace, index, id);
      expect(settled[id] === unsettled ? null : trace.steps[settled[id]], `concept ${id}`).toBe(timelineOf(maps, trace.height, trace.width, trace.steps).settle);
      expect(reach.of(trace, 4, id)).toBe(Math.max(...maps.subarray(0, 4 * 36)));
      expect(reach.of(trace, 12, id)).toBe(Math.max(...maps));
      expect(mapOf(trace, 7, id)).toEqual(maps.slice(7 * 36, 8 * 36));
    }
  });

  it('settle as timelineOf has it for maps of every kind', () => {
    const cells = 4;
    const run = fc.array(fc.array(fc.tuple(fc.nat(4), fc.constantFrom(0, 0.05, 0.1, 0.5, 1, 2)), { minLength: cells, maxLength: cells }), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(run, (columns) => {
      const flat = columns.flat();
      const trace: SiteTrace = {
        site: 'mid', branch: 'cond', height: 2, width: 2, d: 1, n: 5, k: 1, steps: columns.map((_, step) => 2 * step),
        indices: Int32Array.from(flat, ([id]) => id), values: Float32Array.from(flat, ([, z]) => z),
      };
      const index = indexConcepts(trace);
      const settled = finish(settling(trace));
      for (let id = 0; id < 5; id++) {
        expect(settled[id] === unsettled ? null : trace.steps[settled[id]]).toBe(timelineOf(conceptMaps(trace, index, id), 2, 2, trace.steps).settle);
      }
    }), { seed: 1 });
  });

  it('settle over seeds with median and range, once all of them are known', () => {
    const settlements = new Settlements();
    const [site] = model.sites;
    const all = (): number => 12;
    const [id] = summariseSite(site, [0, 1, 2]).active;
    settlements.work(site.traces[0], 12, () => true);
    expect(settlements.of(site, [0, 1, 2], all, id)).toBeUndefined();
    for (const trace of site.traces) while (!settlements.isKnown(trace, 12)) settlements.work(trace, 12, () => false);
    expect(settlements.of(site, [0, 1, 2], all, id)).toEqual(summariseConcepts(site.traces, [id])[0].settle);
  });
});

describe('a run on its way', () => {
  it('fills column by column and ends as the whole run does', () => {
    const expected = summariseSite(whole(data).sites[0], [0, 1, 2]);
    // As a live run begins: arrays without room, nothing filled.
    let model = createModel({ ...data, runs: data.runs.map((run) => ({ ...run, codes: sites.map(() => ({ indices: new Int32Array(), values: new Float32Array() })), filled: run.filled.map(() => false), previews: run.previews.map(() => null), image: null })) });
    for (const [run, { codes, previews }] of data.runs.entries()) {
      for (let column = 0; column < 12; column++) {
        const part = codes.map(({ indices, values }) => ({ indices: indices.slice((column * indices.length) / 12, ((column + 1) * indices.length) / 12), values: values.slice((column * values.length) / 12, ((column + 1) * values.length) / 12) }));
        model = measure(addColumn(model, { type: 'step', run, column, preview: previews[column], codes: part }), () => true);
        if (column === 5) model = addColumn(model, { type: 'step', run, column, preview: null, codes: part }); // twice is once
      }
    }
    model = measure(model, () => true);
    const summary = summariseSite(model.sites[0], [0, 1, 2]);
    expect(summary.active).toEqual(expected.active);
    expect(summary.facts(summary.active[0])).toEqual(expected.facts(expected.active[0]));
    expect(model.runs[1].previews).toEqual(data.runs[1].previews);
  });

  it('averages each column over the seeds that have got so far', () => {
    const part = whole(generate({ steps: 12, seeds: 2, sites, side: 8, filled: [12, 3] }));
    const summary = summariseSite(part.sites[0], [0, 1]);
    expect(summary.counts).toEqual([2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    const [id] = summary.active;
    const [first, second] = [0, 1].map((run) => summariseSite(part.sites[0], [run]).facts(id).gamma);
    expect(summary.facts(id).gamma[2]).toBeCloseTo((first[2] + second[2]) / 2, 6);
    expect(summary.facts(id).gamma[7]).toBe(first[7]);
    expect(summary.band(id)).toBeUndefined();
  });

  it('shares what a new column does not touch', () => {
    const before = whole(generate({ steps: 12, seeds: 2, sites, side: 8, filled: [12, 3] }));
    const { indices, values } = before.runs[1].codes[0];
    const codes = before.runs[1].codes.map((room) => ({ indices: room.indices.slice(0, room.indices.length / 12), values: room.values.slice(0, room.values.length / 12) }));
    const after = measure(addColumn(before, { type: 'step', run: 1, column: 3, preview: null, codes }), () => true);
    expect(before.runs[1].filled[3]).toBe(false);
    expect(after.runs[1].filled[3]).toBe(true);
    expect(after.sites[0].sums[0][5]).toBe(before.sites[0].sums[0][5]);
    expect(before.sites[0].sums[1][3]).toBeNull();
    expect([indices.length, values.length]).toEqual([after.runs[1].codes[0].indices.length, after.runs[1].codes[0].values.length]);
  });

  it('ignores what fits no run, no column or no site', () => {
    const model = whole(data);
    expect(addColumn(model, { type: 'step', run: 9, column: 0, preview: null, codes: [] })).toBe(model);
    expect(addColumn(model, { type: 'step', run: 0, column: 12, preview: null, codes: [] })).toBe(model);
    expect(addImage(model, { type: 'image', run: 9, folder: 'x', image: new Uint8Array() })).toBe(model);
    const odd = addColumn(model, { type: 'step', run: 0, column: 0, preview: null, codes: [{ indices: Int32Array.of(1), values: Float32Array.of(9) }] });
    expect(odd.runs[0].codes[0].values[0]).toBe(data.runs[0].codes[0].values[0]);
  });

  it('can be measured a column at a time', () => {
    let model = createModel(data);
    let slices = 0;
    for (;;) {
      const next = measure(model, () => true, () => false);
      if (next === model) break;
      model = next;
      slices += 1;
    }
    expect(slices).toBe(2 * 3 * 12);
    expect(summariseSite(model.sites[1], [0]).active).toEqual(summariseSite(whole(data).sites[1], [0]).active);
  });
});

describe('rows', () => {
  const summary = summariseSite(whole(data).sites[0], [0, 1, 2]);
  const request = { sorting: 'strength', search: '', idle: false, settle: () => undefined } as const;

  it('are those with activity, the others folded', () => {
    const { ids, folded } = orderRows(summary, request);
    expect(ids).toEqual(summary.active);
    expect(ids.length + folded).toBe(120);
    const all = orderRows(summary, { ...request, idle: true });
    expect(new Set(all.ids).size).toBe(120);
    expect(all.folded).toBe(0);
    expect(all.ids.slice(0, ids.length)).toEqual(ids);
  });

  it('are found by words of the label or the start of the number, active or not', () => {
    const named = Object.entries(data.sites[0].labels).filter(([, label]) => label.includes('house')).map(([id]) => Number(id));
    expect(named.length).toBeGreaterThan(0);
    expect(orderRows(summary, { ...request, search: 'HOUSE red' }).ids).toEqual(named);
    expect([...orderRows(summary, { ...request, search: '11' }).ids].sort((a, b) => a - b)).toEqual([11, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119]);
    expect(orderRows(summary, { ...request, search: 'nowhere' })).toEqual({ ids: [], folded: 0 });
  });

  it('are sorted by marks, numbers and labels, what lacks them last', () => {
    for (const sorting of ['onset', 'peak'] as const) {
      const keys = orderRows(summary, { ...request, sorting }).ids.map((id) => summary.facts(id)[sorting].median ?? Infinity);
      expect(keys).toEqual([...keys].sort((a, b) => a - b));
    }
    expect(orderRows(summary, { ...request, sorting: 'id' }).ids).toEqual([...summary.active].sort((a, b) => a - b));
    const { labels } = data.sites[0];
    const byLabel = orderRows(summary, { ...request, sorting: 'label' }).ids;
    const bearing = byLabel.filter((id) => id in labels);
    expect(byLabel.slice(0, bearing.length)).toEqual(bearing);
    expect(bearing.map((id) => labels[id])).toEqual(bearing.map((id) => labels[id]).sort());
    const settle = (id: number): { median: number | null; low: number | null; high: number | null } => ({ median: id % 3 === 0 ? null : id % 7, low: null, high: null });
    const bySettle = orderRows(summary, { ...request, sorting: 'settle', settle }).ids;
    const keys = bySettle.map((id) => settle(id).median ?? Infinity);
    expect(keys).toEqual([...keys].sort((a, b) => (a === b ? 0 : a - b)));
  });
});

function finish<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}
