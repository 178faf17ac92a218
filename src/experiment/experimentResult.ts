import type { ConceptSummary } from '../concepts/summariseConcepts.ts';
import type { Branch, SiteTrace } from '../concepts/siteTrace.ts';
import type { StoredRun } from './runStore.ts';

/** A concept that a result shows, with its name and prominence. */
export interface ShownConcept extends ConceptSummary {
  /** Its best label, where the SAE has labels. */
  readonly label: string | undefined;
  /** Its mean activation where it is active: the unit of strength. */
  readonly typical: number;
  /** Greatest strength over the steps: mean γ / typical, the share of the picture that it fills at its usual activation. */
  readonly strength: number;
  /** The spec asks for it by number or label. */
  readonly asked: boolean;
  /** It has the same strength and place whatever the prompt says. */
  readonly contextFree: boolean;
}

/** What the runs show at one site and branch. */
export interface SiteResult {
  readonly site: string;
  readonly branch: Branch;
  /** One per run. */
  readonly traces: readonly SiteTrace[];
  /** Those asked for and the most prominent, by strength. */
  readonly concepts: readonly ShownConcept[];
  /** Concepts active anywhere in the runs. */
  readonly active: number;
}

/** A run, and whether it had been computed before. */
export interface FinishedRun extends StoredRun {
  readonly cached: boolean;
}

/** Everything that `dmi run` tells about one spec. */
export interface ExperimentResult {
  /** The spec as the user knows it. */
  readonly specFile: string;
  readonly modelName: string;
  /** One per seed, in the order of the spec. */
  readonly runs: readonly FinishedRun[];
  /** Recorded steps, ascending. */
  readonly steps: readonly number[];
  /** [steps]: diffusion time of each. */
  readonly t: readonly number[];
  readonly sites: readonly SiteResult[];
}
