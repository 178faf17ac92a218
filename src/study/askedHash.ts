import { sha256Text } from '../base/sha256.ts';
import { canonicalJson } from '../spec/canonicalJson.ts';
import { sampleDefaults, type Edit, type Experiment, type Spec } from '../spec/schema.ts';

/**
 * Hash of an experiment or a sweep as a spec asks for it, together with what is sampled and traced: an outcome that bears another one answers another question. Defaults are filled in,
 * so that writing one out changes nothing; labels, windows and files stand as they are written, so that neither a model nor a file is needed to tell.
 * @returns undefined where the spec has no such part
 */
export function askedHash({ model, saes, judge, sample, trace = {}, experiments = {}, sweeps = {} }: Spec, kind: 'experiments' | 'sweeps', name: string): string | undefined {
  const sweep = kind === 'sweeps' && Object.hasOwn(sweeps, name) ? sweeps[name] : undefined;
  const base = kind === 'sweeps' ? sweep?.of : name;
  const experiment = base !== undefined && Object.hasOwn(experiments, base) ? experiments[base] : undefined;
  if (experiment === undefined) return undefined;
  return sha256Text(canonicalJson({
    model, saes, judge, sample: { ...sampleDefaults, ...sample }, trace: { branch: 'cond', steps: 'all', ...trace, concepts: undefined }, // which are shown changes no outcome
    experiment: completed(experiment),
    ...(sweep !== undefined && { of: sweep.of, vary: Object.entries(sweep.vary) }), // the order of the axes is that of the table
  }));
}

/** Masks that a part of a spec names, as they are written. */
export function namedMasks({ experiments = {}, sweeps = {} }: Spec, kind: 'experiments' | 'sweeps', name: string): string[] {
  const sweep = kind === 'sweeps' && Object.hasOwn(sweeps, name) ? sweeps[name] : undefined;
  const base = sweep?.of ?? name;
  return [...new Set([...masksIn(Object.hasOwn(experiments, base) ? experiments[base].edits : []), ...masksIn(sweep?.vary)])];
}

function masksIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'mask' && typeof inner === 'string' ? [inner] : masksIn(inner)));
}

function completed({ why = '', edits, controls = ['identity', 'random-concept', 'shuffled-region'], measure = [], expect = {} }: Experiment): unknown {
  return { why, edits: edits.map(completedEdit), controls, measure, expect: Object.entries(expect) };
}

function completedEdit({ unit = 'mean', where = 'everywhere', elsewhere = 'keep', during = 'all', branch = 'cond', ...edit }: Edit): unknown {
  const scales = edit.add === undefined && edit.set === undefined; // then `unit` means nothing
  return {
    ...edit, ...(edit.ablate === true && { ablate: undefined, scale: 0 }), unit: scales ? undefined : unit,
    where: typeof where === 'object' && 'concept' in where ? { above: 0.1, ...where } : where, elsewhere, during, branch,
  };
}
