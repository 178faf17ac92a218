import { bootstrapBand } from '../../src/base/statistics.ts';
import { bootstrap, spreadOf } from '../../src/concepts/summariseConcepts.ts';
import type { MarkSpread } from '../../src/concepts/summariseConcepts.ts';
import { marksOf } from '../../src/concepts/timeline.ts';
import type { SiteModel } from './siteModel.ts';

/** A concept's course, over the runs of a summary. */
export interface ConceptFacts {
  readonly id: number;
  /** [columns]: γ, mean over the runs that have got so far; 0 beyond. */
  readonly gamma: Float32Array;
  /** Its mean activation where it is active. */
  readonly typical: number;
  /** Greatest γ / typical: the share of the picture that it fills at its usual activation. */
  readonly strength: number;
  readonly onset: MarkSpread;
  readonly peak: MarkSpread;
  readonly decay: MarkSpread;
}

/** 95 % bootstrap band of γ over the runs, [columns] each. */
export type Band = ReturnType<typeof bootstrapBand>;

/** Every concept of a site over some runs. It keeps what it has worked out. */
export interface SiteSummary {
  readonly site: SiteModel;
  /** The runs it is over. */
  readonly runs: readonly number[];
  /** [columns]: runs that have got so far. */
  readonly counts: readonly number[];
  /** [n] */
  readonly typical: Float32Array;
  /** [n]: as `rankConcepts`. */
  readonly strength: Float64Array;
  /** Concepts that occur, the most prominent first. */
  readonly active: readonly number[];
  readonly facts: (id: number) => ConceptFacts;
  /** Strength in one column: γ / typical. */
  readonly strengthAt: (id: number, column: number) => number;
  /** Slow (milliseconds): 400 draws. Undefined unless several runs are complete. */
  readonly band: (id: number) => Band | undefined;
  /** Whether `band` has its answer at hand. */
  readonly hasBand: (id: number) => boolean;
}

/** Summarise a measured site. @param runs indices of the runs, at least one */
export function summariseSite(site: SiteModel, runs: readonly number[]): SiteSummary {
  const cells = site.site.height * site.site.width;
  const { steps } = site.traces[0];
  const counts = steps.map((_, column) => runs.filter((run) => site.sums[run][column] !== null).length);
  const typical = typicalOf(site);
  const strength = strengthOf(site, runs, counts, typical);
  const active = Array.from(strength.keys()).filter((id) => strength[id] > 0).sort((a, b) => strength[b] - strength[a] || a - b);
  const known = new Map<number, ConceptFacts>();
  const bands = new Map<number, Band | undefined>();
  const complete = counts.every((count) => count === runs.length);

  const gammaOfRun = (run: number, id: number): Float32Array => Float32Array.from(steps, (_, column) => (site.sums[run][column]?.sums[id] ?? 0) / cells);

  const work = (id: number): ConceptFacts => {
    const gammas = runs.map((run) => gammaOfRun(run, id));
    const marks = runs.map((run, at) => marksOf(gammas[at], complete ? steps : steps.filter((_, column) => site.sums[run][column] !== null)));
    return {
      id,
      gamma: Float32Array.from(steps, (_, column) => (counts[column] === 0 ? 0 : gammas.reduce((sum, gamma) => sum + gamma[column], 0) / counts[column])),
      typical: typical[id],
      strength: strength[id],
      onset: spreadOf(marks.map(({ onset }) => onset)),
      peak: spreadOf(marks.map(({ peak }) => peak)),
      decay: spreadOf(marks.map(({ decay }) => decay)),
    };
  };
  return {
    site, runs, counts, typical, strength, active,
    facts(id) {
      const facts = known.get(id) ?? work(id);
      known.set(id, facts);
      return facts;
    },
    strengthAt: (id, column) => runs.reduce((sum, run) => sum + (site.sums[run][column]?.sums[id] ?? 0), 0) / cells / Math.max(counts[column], 1) / typical[id],
    band(id) {
      if (runs.length < 2 || !complete) return undefined;
      if (!bands.has(id)) bands.set(id, bootstrapBand(runs.map((run) => gammaOfRun(run, id)), bootstrap));
      return bands.get(id);
    },
    hasBand: (id) => runs.length < 2 || !complete || bands.has(id),
  };
}

/** The unit of strength: what training says, and where it never saw the concept, what these runs say (as `summariseRuns`). */
export function typicalOf({ site, sums }: SiteModel): Float32Array {
  const typical = site.typical.slice();
  const silent = [...typical.keys()].filter((id) => !(typical[id] > 0));
  if (silent.length === 0) return typical;
  const total = new Float64Array(site.n);
  const count = new Uint32Array(site.n);
  for (const column of sums.flat()) {
    if (column === null) continue;
    for (const id of silent) {
      total[id] += column.sums[id];
      count[id] += column.counts[id];
    }
  }
  for (const id of silent) typical[id] = count[id] > 0 ? total[id] / count[id] : 1;
  return typical;
}

/** Greatest mean γ over the columns, in units of the usual activation. */
function strengthOf({ site, sums }: SiteModel, runs: readonly number[], counts: readonly number[], typical: Float32Array): Float64Array {
  const { n, height, width } = site;
  const strongest = new Float64Array(n);
  const total = new Float64Array(n);
  for (const [column, count] of counts.entries()) {
    if (count === 0) continue;
    total.fill(0);
    for (const run of runs) {
      const of = sums[run][column]?.sums;
      if (of !== undefined) for (let id = 0; id < n; id++) total[id] += of[id];
    }
    for (let id = 0; id < n; id++) if (total[id] / count > strongest[id]) strongest[id] = total[id] / count;
  }
  const cells = height * width;
  return strongest.map((sum, id) => sum / cells / typical[id]);
}
