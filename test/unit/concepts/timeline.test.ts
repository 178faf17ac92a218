import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conceptMaps, cutMap, indexConcepts } from '../../../src/concepts/maps.ts';
import type { SiteTrace } from '../../../src/concepts/siteTrace.ts';
import { timelineOf } from '../../../src/concepts/timeline.ts';
import type { Timeline } from '../../../src/concepts/timeline.ts';

/** A picture of one step: rows of digits. */
const steps = (...pictures: string[][]): Float32Array => Float32Array.from(pictures.flat().join(''), Number);

describe('a timeline', () => {
  it('finds strength, area, centre and marks of a thing that appears, moves and fades', () => {
    const maps = steps(
      ['000', '000'],
      ['800', '000'], // appears top left
      ['080', '000'],
      ['088', '000'], // strongest
      ['080', '000'],
      ['000', '000'],
    );
    const timeline = timelineOf(maps, 2, 3, [0, 1, 2, 3, 4, 5]);
    expect([...timeline.gamma]).toEqual([0, 8, 8, 16, 8, 0].map((sum) => Math.fround(sum / 6)));
    expect([...timeline.area]).toEqual([0, 1, 1, 2, 1, 0].map((count) => Math.fround(count / 6)));
    expect(timeline.centre).toEqual([null, [1 / 6, 1 / 4], [1 / 2, 1 / 4], [2 / 3, 1 / 4], [1 / 2, 1 / 4], null]);
    expect(timeline).toMatchObject({ onset: 1, peak: 3, decay: 5, settle: null });
  });

  it('settles at the first step after which the place stays, not at an earlier visit', () => {
    const maps = steps(['90', '00'], ['09', '00'], ['90', '00'], ['91', '00'], ['90', '00']);
    expect(timelineOf(maps, 2, 2, [0, 1, 2, 3, 4]).settle).toBe(2);
  });

  it('speaks in step numbers where only some steps were recorded', () => {
    const maps = steps(['00', '00'], ['09', '00'], ['09', '00']);
    expect(timelineOf(maps, 2, 2, [3, 10, 29])).toMatchObject({ onset: 10, peak: 10, decay: null, settle: 10 });
  });

  it('has no marks for a concept that never occurs', () => {
    expect(timelineOf(new Float32Array(8), 2, 2, [0, 1])).toMatchObject({ onset: null, peak: null, decay: null, settle: null });
  });

  it('agrees with the definitions computed the long way on any trace', () => {
    fc.assert(fc.property(traces(), fc.nat(), (trace, pick) => {
      const concept = pick % trace.n;
      const expected = bruteForce(trace, concept);
      const timeline = timelineOf(conceptMaps(trace, indexConcepts(trace), concept), trace.height, trace.width, trace.steps);
      expect(timeline).toMatchObject({ onset: expected.onset, peak: expected.peak, decay: expected.decay, settle: expected.settle });
      expected.gamma.forEach((gamma, step) => { expect(timeline.gamma[step]).toBeCloseTo(gamma, 5); });
      expected.area.forEach((area, step) => { expect(timeline.area[step]).toBeCloseTo(area, 5); });
      expected.centre.forEach((centre, step) => {
        expect(timeline.centre[step]?.[0]).toEqual(centre === null ? undefined : expect.closeTo(centre[0], 5));
        expect(timeline.centre[step]?.[1]).toEqual(centre === null ? undefined : expect.closeTo(centre[1], 5));
      });
    }), { numRuns: 300, seed: 1 });
  });
});

describe('a cut map', () => {
  it('takes every cell of a uniform map and none of an empty one', () => {
    expect([...cutMap(Float32Array.of(2, 2, 2))]).toEqual([1, 1, 1]);
    expect([...cutMap(new Float32Array(3))]).toEqual([0, 0, 0]);
  });

  it('normalises by the range, not by the maximum', () => {
    expect([...cutMap(Float32Array.of(10, 10.5, 11, 20))]).toEqual([0, 0, 1, 1]);
  });
});

/** Traces of a few steps and cells, whole-number activations, no concept twice in a cell. */
function traces(): fc.Arbitrary<SiteTrace> {
  return fc.record({ steps: fc.integer({ min: 1, max: 6 }), height: fc.integer({ min: 1, max: 3 }), width: fc.integer({ min: 1, max: 3 }), n: fc.integer({ min: 1, max: 4 }) })
    .chain(({ steps: count, height, width, n }) => {
      const cell = fc.record({ order: fc.shuffledSubarray([...Array(n).keys()], { minLength: Math.min(2, n), maxLength: Math.min(2, n) }), z: fc.array(fc.constantFrom(0, 0, 1, 3, 11, 37), { minLength: 2, maxLength: 2 }) });
      return fc.array(cell, { minLength: count * height * width, maxLength: count * height * width }).map((cells): SiteTrace => ({
        site: 'mid', branch: 'cond', height, width, d: 2, n, k: Math.min(2, n), steps: [...Array(count).keys()],
        indices: Int32Array.from(cells.flatMap(({ order }) => order)),
        values: Float32Array.from(cells.flatMap(({ order, z }) => z.slice(0, order.length))),
      }));
    });
}

/** The definitions, cell by cell, with nothing shared with the code under test. */
function bruteForce(trace: SiteTrace, concept: number): Omit<Timeline, 'gamma' | 'area'> & { gamma: number[]; area: number[] } {
  const cells = trace.height * trace.width;
  const at = (step: number, cell: number): number => {
    for (let code = 0; code < trace.k; code++) {
      const entry = (step * cells + cell) * trace.k + code;
      if (trace.indices[entry] === concept) return trace.values[entry];
    }
    return 0;
  };
  const all = [...Array(cells).keys()];
  const picture = trace.steps.map((step) => all.map((cell) => at(step, cell)));
  const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
  const gamma = picture.map((z) => Math.fround(sum(z) / cells)); // as stored: ties at 10 % fall alike
  const max = Math.max(...gamma);
  const here = trace.steps.filter((step) => max > 0 && gamma[step] >= 0.1 * max);
  const cut = picture.map((z) => {
    const [low, high] = [Math.min(...z), Math.max(...z)];
    return new Set(all.filter((cell) => high > 0 && (high === low || (z[cell] - low) / (high - low) >= 0.1)));
  });
  const last = cut[cut.length - 1];
  const overlap = cut.map((set) => all.filter((cell) => set.has(cell) && last.has(cell)).length / all.filter((cell) => set.has(cell) || last.has(cell)).length);
  const settled = trace.steps.filter((step) => last.size > 0 && overlap.slice(step).every((iou) => iou >= 0.5));
  const after = here.length > 0 ? here[here.length - 1] + 1 : Infinity;
  return {
    gamma,
    area: picture.map((z) => z.filter((value) => value > 0).length / cells),
    centre: picture.map((z) => (sum(z) === 0 ? null : [
      sum(z.map((value, cell) => value * (cell % trace.width + 0.5))) / sum(z) / trace.width,
      sum(z.map((value, cell) => value * (Math.floor(cell / trace.width) + 0.5))) / sum(z) / trace.height,
    ])),
    onset: here.length > 0 ? here[0] : null,
    peak: max > 0 ? gamma.indexOf(max) : null,
    decay: after < trace.steps.length ? after : null,
    settle: settled.length > 0 ? settled[0] : null,
  };
}
