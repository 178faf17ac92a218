import type { ExperimentOutcome, SweepOutcome } from '../../study/outcome.ts';
import { sampleDefaults, type Spec } from '../../spec/schema.ts';
import { canonicalJson } from '../../spec/canonicalJson.ts';

type Experiment = NonNullable<Spec['experiments']>[string];

/**
 * Whether a spec asks something else by now than what an outcome answers, as far as the outcome tells: prompt, seeds, steps, the reason why, how many edits at which sites, what is
 * expected. What it does not tell (a region's exact shape) is found by running again, which computes only what has changed.
 */
export function isExperimentStale(spec: Spec, name: string, outcome: ExperimentOutcome): boolean {
  const experiment = spec.experiments !== undefined && Object.hasOwn(spec.experiments, name) ? spec.experiments[name] : undefined;
  return experiment === undefined || sampleDiffers(spec, outcome) || (experiment.why ?? '') !== outcome.why || editsDiffer(experiment, outcome)
    || Object.entries(experiment.expect ?? {}).some(([measure, { min, max }]) => !outcome.expectations.some((expected) => expected.measure === measure && expected.min === min && expected.max === max));
}

/** The same of a sweep: what it varies over which values. */
export function isSweepStale(spec: Spec, name: string, sweep: SweepOutcome): boolean {
  const asked = spec.sweeps !== undefined && Object.hasOwn(spec.sweeps, name) ? spec.sweeps[name] : undefined;
  const first = sweep.cells.at(0)?.outcome;
  if (asked === undefined || first === undefined) return true;
  return asked.of !== sweep.of || sampleDiffers(spec, first)
    || canonicalJson(Object.entries(asked.vary)) !== canonicalJson(sweep.axes.map(({ pointer, values }) => [pointer, values]));
}

function sampleDiffers(spec: Spec, { prompt, seeds, totalSteps }: ExperimentOutcome): boolean {
  const { prompt: asked, seeds: wanted, steps } = { ...sampleDefaults, ...spec.sample };
  return asked !== prompt || steps !== totalSteps || wanted.join() !== seeds.join();
}

/** Edits that do nothing are left out of an outcome, so it may have fewer. */
function editsDiffer({ edits }: Experiment, outcome: ExperimentOutcome): boolean {
  const asked = new Set(edits.map(({ site }) => site));
  return outcome.edits.length > edits.length || outcome.edits.some(({ site }) => !asked.has(site))
    || (outcome.edits.length === edits.length && sortedAmounts(edits.map(amountOf)) !== sortedAmounts(outcome.edits.map(({ amount }) => amount)));
}

function sortedAmounts(amounts: readonly number[]): string {
  return [...amounts].sort((a, b) => a - b).join();
}

function amountOf(edit: Experiment['edits'][number]): number {
  return 'add' in edit ? edit.add : 'scale' in edit ? edit.scale : 'set' in edit ? edit.set : 0; // ablate: scale 0
}
