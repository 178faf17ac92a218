import { describe, expect, it } from 'vitest';
import { meanWhenActive, rankConcepts } from '../../../src/concepts/rankConcepts.ts';
import type { SiteTrace } from '../../../src/concepts/siteTrace.ts';
import { summariseConcepts } from '../../../src/concepts/summariseConcepts.ts';

/** One row of two cells, one code per cell: [concept, z] per cell and step. */
function trace(...codes: [number, number][][]): SiteTrace {
  const flat = codes.flat();
  return {
    site: 'mid', branch: 'cond', height: 1, width: 2, d: 2, n: 4, k: 1, steps: codes.map((_, step) => step),
    indices: Int32Array.from(flat, ([concept]) => concept), values: Float32Array.from(flat, ([, z]) => z),
  };
}

describe('ranking', () => {
  it('measures concepts by their own usual activation, not by their scale', () => {
    // Concept 1 is large in numbers but far below its usual 100; concept 2 is at its usual 1 everywhere.
    const runs = [trace([[1, 10], [2, 1]], [[2, 1], [2, 1]])];
    const ranked = rankConcepts(runs, [1, 100, 1, 1]);
    expect(ranked.map(({ id }) => id)).toEqual([2, 1]);
    expect(ranked[0].strength).toBeCloseTo(1);
    expect(ranked[1].strength).toBeCloseTo(0.05);
  });

  it('takes the mean over the runs before the maximum over the steps', () => {
    const early = trace([[0, 4], [0, 4]], [[3, 2], [3, 2]]);
    const late = trace([[3, 2], [3, 2]], [[0, 4], [0, 4]]);
    expect(rankConcepts([early, late], [1, 1, 1, 1])).toEqual([{ id: 0, strength: 2 }, { id: 3, strength: 1 }]);
  });

  it('knows the usual activation from the runs where the SAE tells none', () => {
    expect([...meanWhenActive([trace([[0, 2], [1, 5]], [[0, 4], [1, 0]])])]).toEqual([3, 5, 1, 1]);
  });
});

describe('a summary over seeds', () => {
  const steady = trace([[0, 2], [0, 2]], [[0, 2], [0, 2]], [[0, 2], [0, 2]]);
  const late = trace([[1, 1], [1, 1]], [[0, 4], [1, 1]], [[0, 4], [1, 1]]);

  it('averages strength, bounds it, and gives marks as median and range', () => {
    const [summary] = summariseConcepts([steady, late, late], [0]);
    expect([...summary.gamma]).toEqual([expect.closeTo(2 / 3), expect.closeTo(2), expect.closeTo(2)]);
    for (let step = 0; step < 3; step++) {
      expect(summary.band?.low[step]).toBeLessThanOrEqual(summary.gamma[step]);
      expect(summary.band?.high[step]).toBeGreaterThanOrEqual(summary.gamma[step]);
    }
    expect(summary.band?.low[0]).toBe(0); // two of three runs lack it at first
    expect(summary.band?.high[0]).toBe(2);
    expect(summary.onset).toEqual({ median: 1, low: 0, high: 1 });
  });

  it('has no band for one run, and no median for a mark that most runs lack', () => {
    expect(summariseConcepts([steady], [0])[0].band).toBeUndefined();
    expect(summariseConcepts([steady, late, late], [1])[0].settle).toEqual({ median: 0, low: 0, high: null });
    expect(summariseConcepts([steady, steady, late], [1])[0].settle).toEqual({ median: null, low: 0, high: null });
  });
});
