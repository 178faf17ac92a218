import { join } from 'node:path';
import type { ConceptSummary, MarkSpread } from '../concepts/summariseConcepts.ts';
import type { Branch } from '../concepts/siteTrace.ts';
import type { Timeline } from '../concepts/timeline.ts';
import type { Computed } from '../experiment/provider/computed.ts';
import type { ExperimentResult, ShownConcept, SiteResult } from '../experiment/experimentResult.ts';
import type { Interval, MeasureOutcome, SweepOutcome } from '../study/outcome.ts';
import type { StudyRun } from '../study/runExperiments.ts';

/** A concept in one run. Marks are step numbers, null where they do not exist; `gamma` and `area` are per recorded step. */
interface ConceptOfRun {
  readonly id: number;
  readonly label: string | null;
  readonly branch: Branch;
  readonly gamma: readonly number[];
  readonly area: readonly number[];
  readonly onset: number | null;
  readonly peak: number | null;
  readonly decay: number | null;
  readonly settle: number | null;
}

/** A concept over all runs. */
interface ConceptOfAll extends Omit<ConceptOfRun, 'area' | 'onset' | 'peak' | 'decay' | 'settle'>, Pick<ConceptSummary, 'onset' | 'peak' | 'decay' | 'settle'> {
  /** Greatest mean γ over any step, divided by the concept's mean activation where it is active. */
  readonly strength: number;
  /** 95 % bootstrap band of `gamma` over the seeds; null for a single seed. */
  readonly band: { readonly low: readonly number[]; readonly high: readonly number[] } | null;
  readonly onset: MarkSpread;
}

/** What was measured, in short; the whole stands in `dir`. */
type MeasuresJson = Record<string, Interval & { readonly controls: Record<string, Interval> }>;

type BySite<C> = Record<string, { readonly concepts: readonly C[] }>;

/** What `dmi run --json` prints. */
export interface ResultJson {
  readonly runs: readonly {
    readonly dir: string;
    readonly seed: number;
    readonly image: string;
    readonly cached: boolean;
    /** What ran its networks, and how that was decided, as in `run.json`; null in runs of earlier versions. */
    readonly computed: Computed | null;
    readonly steps: readonly number[];
    readonly sites: BySite<ConceptOfRun>;
  }[];
  /** The same concepts over all runs. */
  readonly summary: { readonly sites: BySite<ConceptOfAll> };
  /** Each `experiment.json` in `dir` says more. */
  readonly experiments: readonly { readonly name: string; readonly dir: string; readonly measures: MeasuresJson }[];
  /** `sweep.json`, `table.parquet`, `table.md` and `table.json` in `dir`; `at`: which value of each axis. */
  readonly sweeps: readonly {
    readonly name: string; readonly dir: string; readonly axes: SweepOutcome['axes'];
    readonly cells: readonly { readonly at: readonly number[]; readonly measures: MeasuresJson }[];
  }[];
  readonly report: string;
  /** Of this call, in milliseconds: inside the U-Net, inside all networks, computing runs, and all in all. */
  readonly timings: { readonly unetMs: number; readonly sessionMs: number; readonly runMs: number; readonly totalMs: number };
}

/** A result as JSON; concepts in the order of their strength, those of several branches one after the other. */
export function resultJson(
  { runs, steps, sites }: ExperimentResult, { experiments, sweeps }: Pick<StudyRun, 'experiments' | 'sweeps'>, report: string, timings: ResultJson['timings'],
): ResultJson {
  return {
    runs: runs.map(({ folder, cached, manifest }, run) => ({
      dir: folder, seed: manifest.definition.sample.seed, image: join(folder, 'image.png'), cached, computed: manifest.computed ?? null, steps,
      sites: bySite(sites, (concept, branch) => conceptOfRun(concept, branch, concept.runs[run])),
    })),
    summary: { sites: bySite(sites, conceptOfAll) },
    experiments: experiments.map(({ folder, outcome: { name, measures } }) => ({ name, dir: folder, measures: measuresJson(measures) })),
    sweeps: sweeps.map(({ folder, outcome: { name, axes, cells } }) => ({
      name, dir: folder, axes, cells: cells.map(({ at, outcome: { measures } }) => ({ at, measures: measuresJson(measures) })),
    })),
    report, timings,
  };
}

function measuresJson(measures: Readonly<Record<string, MeasureOutcome>>): MeasuresJson {
  const short = ({ value, low, high, n }: Interval): Interval => ({ value, low, high, n });
  return Object.fromEntries(Object.entries(measures).map(([name, measure]) => [name, {
    ...short(measure), controls: Object.fromEntries(Object.entries(measure.controls).map(([control, interval]) => [control, short(interval)])),
  }]));
}

function bySite<C>(sites: readonly SiteResult[], toJson: (concept: ShownConcept, branch: Branch) => C): BySite<C> {
  const result: Record<string, { concepts: C[] }> = {};
  for (const { site, branch, concepts } of sites) {
    result[site] ??= { concepts: [] };
    result[site].concepts.push(...concepts.map((concept) => toJson(concept, branch)));
  }
  return result;
}

function conceptOfRun({ id, label }: ShownConcept, branch: Branch, { gamma, area, onset, peak, decay, settle }: Timeline): ConceptOfRun {
  return { id, label: label ?? null, branch, gamma: digits(gamma), area: digits(area), onset, peak, decay, settle };
}

function conceptOfAll({ id, label, strength, gamma, band, onset, peak, decay, settle }: ShownConcept, branch: Branch): ConceptOfAll {
  return {
    id, label: label ?? null, branch, strength: round(strength), gamma: digits(gamma),
    band: band === undefined ? null : { low: digits(band.low), high: digits(band.high) }, onset, peak, decay, settle,
  };
}

function digits(values: Float32Array): number[] {
  return Array.from(values, round);
}

/** Six digits, which is what float32 holds. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}
