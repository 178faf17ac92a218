import type { Phrase } from '../base/phrase.ts';
import type { EditDefinition } from '../experiment/editDefinition.ts';
import type { RunPlan } from '../experiment/plan.ts';
import type { AskedRun } from '../experiment/prefixTree.ts';
import type { Mask } from '../spec/areaAverage.ts';
import type { FixedRegion } from '../spec/regions.ts';
import type { ControlName } from './outcome.ts';

/** What a run stands for in an experiment. */
export type RunRole = { readonly kind: 'baseline' | 'edited' } | { readonly kind: 'control'; readonly control: ControlName; readonly draw: number };

/** Runs that differ only in their seed. */
export interface RunGroup {
  readonly role: RunRole;
  /** One per seed, in the order of the spec. */
  readonly plans: readonly RunPlan[];
}

/** Where one edit was asked to act: known beforehand, or where concepts are active at the last step in force. */
export type AskedRegion =
  | { readonly fixed: FixedRegion }
  | FollowingRegion;

/** Where the summed map of concepts reaches `above` at a step, as a run recorded it. */
export interface FollowingRegion {
  readonly site: string;
  readonly branch: 'cond' | 'uncond';
  readonly concepts: readonly number[];
  readonly above: number;
  readonly step: number;
  /** The trace holds only the k greatest latents of a cell, and more of them may be active: the SAE is no TopK. */
  readonly partly?: boolean;
}

/** What a measure may come to for an experiment to hold. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** One experiment, or one variant of it in a sweep: which runs it needs and what is measured on them. */
export interface ExperimentPlan {
  readonly name: string;
  readonly why: string;
  /** Edits in force; neutral ones and empty windows are left out. */
  readonly edits: readonly EditDefinition[];
  /** The unedited runs, the edited ones, then the draws of every control. */
  readonly groups: readonly RunGroup[];
  /** Controls that were asked for and do not apply. */
  readonly without: readonly { readonly control: ControlName; readonly reason: Phrase }[];
  /** Whether the splice with nothing to do is to be checked. */
  readonly identity: boolean;
  /** Of every edit, neutral ones too: measures look at their union. None where no measure looks at a region. */
  readonly regions: readonly AskedRegion[];
  /** Words by which the edits name their concepts, in order; none where all are numbers. */
  readonly labels: readonly string[];
  readonly measures: readonly string[];
  readonly expect: Readonly<Record<string, Bounds>>;
}

/** One experiment over a grid of values. */
export interface SweepPlan {
  readonly name: string;
  /** Name of the experiment it varies. */
  readonly of: string;
  readonly axes: readonly { readonly pointer: string; readonly values: readonly unknown[] }[];
  /** Row-major over the axes; `at`: which value of each axis. */
  readonly cells: readonly { readonly at: readonly number[]; readonly plan: ExperimentPlan }[];
}

/** Everything of a spec that is more than its plain runs. */
export interface StudyPlan {
  /** Masks of regions, by the hash of their pixels. */
  readonly masks: ReadonlyMap<string, Mask>;
  readonly experiments: readonly ExperimentPlan[];
  readonly sweeps: readonly SweepPlan[];
}

/** Experiments of a study plan, and the variants of its sweeps. */
export function allExperiments({ experiments, sweeps }: StudyPlan): ExperimentPlan[] {
  return [...experiments, ...sweeps.flatMap(({ cells }) => cells.map(({ plan }) => plan))];
}

/**
 * Every run that a study asks for, as often as it does, with what it is for; that of the identity is the unedited one. Experiments and sweeps have their turns one after the other,
 * so that the outcome of the first is known before the runs of the last are made.
 */
export function askedRuns({ experiments, sweeps }: StudyPlan): AskedRun[] {
  const parts = [...experiments.map((plan) => [plan]), ...sweeps.map(({ cells }) => cells.map(({ plan }) => plan))];
  return parts.flatMap((plans, part) => plans.flatMap(({ name, groups, identity }) => [
    ...groups.flatMap(({ role, plans: own }) => own.map((plan) => ({ plan, role: roleName(name, role), turn: part }))),
    ...(identity ? groups[0].plans.map((plan) => ({ plan, role: `${name}: identity`, turn: part })) : []),
  ]));
}

function roleName(name: string, role: RunRole): string {
  if (role.kind === 'baseline') return 'baseline';
  return role.kind === 'control' ? `${name}: ${role.control} ${role.draw + 1}` : name;
}
