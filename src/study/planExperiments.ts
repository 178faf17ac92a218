import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { closest } from '../base/closest.ts';
import { InputError } from '../base/errors.ts';
import { listed, phrase, type Phrase } from '../base/phrase.ts';
import { conceptDirectory } from '../experiment/labelledSaes.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import { readMasks, type SpecMasks } from '../experiment/readMasks.ts';
import type { JsonPath } from '../spec/jsonPath.ts';
import { requireSpec } from '../spec/parseSpec.ts';
import { resolveExperiment } from '../spec/resolveSpec.ts';
import type { Experiment } from '../spec/schema.ts';
import type { ExperimentPlan, StudyPlan, SweepPlan } from './experimentPlan.ts';
import { planExperiment } from './planExperiment.ts';
import { gridOf, variantsOf, type Axis } from './variants.ts';

/**
 * Plan the experiments and sweeps of a spec.
 * @param only names of experiments and sweeps; all where left out
 * @throws InputError at the place of a name, label, mask or variant that cannot be used, or when `only` names what is not there
 */
export async function planExperiments(plan: SpecPlan, only?: readonly string[]): Promise<StudyPlan> {
  const { parsed } = plan;
  const { experiments = {}, sweeps = {} } = requireSpec(parsed);
  const known = [...Object.keys(experiments), ...Object.keys(sweeps)];
  for (const name of only ?? []) {
    if (known.includes(name)) continue;
    const near = closest(name, known);
    throw new InputError(near === undefined ? phrase`no experiment or sweep is called "${name}"` : phrase`no experiment or sweep is called "${name}"; did you mean "${near}"?`, {
      file: parsed.file, remedy: phrase`Experiments and sweeps here: ${listed(known)}.`,
    });
  }
  const chosen = (name: string): boolean => only?.includes(name) ?? true;
  const specMasks = await readMasks(parsed, only && masksOf(only, sweeps));
  return {
    masks: specMasks.masks,
    experiments: Object.entries(experiments).filter(([name]) => chosen(name)).map(([name, experiment]) => planOne(name, experiment, plan, specMasks)),
    sweeps: Object.entries(sweeps).filter(([name]) => chosen(name)).map(([name, { of, vary }]) => planSweep(name, of, vary, plan, specMasks)),
  };
}

/** Whether a place of the spec belongs to parts, or to the experiments that they vary. */
function masksOf(only: readonly string[], sweeps: Readonly<Record<string, { readonly of: string }>>): (place: JsonPath) => boolean {
  const varied = Object.entries(sweeps).flatMap(([name, { of }]) => (only.includes(name) ? [of] : []));
  return ([kind, name]) => typeof name === 'string' && (only.includes(name) || (kind === 'experiments' && varied.includes(name)));
}

function planOne(name: string, experiment: Experiment, plan: SpecPlan, masks: SpecMasks): ExperimentPlan {
  const path = ['experiments', name];
  return planExperiment({ name, path, experiment, resolved: resolveExperiment(experiment, path, plan.parsed, conceptDirectory(plan.saes)) }, plan, masks);
}

function planSweep(name: string, of: string, vary: Readonly<Record<string, readonly unknown[]>>, plan: SpecPlan, masks: SpecMasks): SweepPlan {
  const { parsed, saes } = plan;
  const path = ['sweeps', name, 'vary'];
  const base = parsed.tree && findNodeAtLocation(parsed.tree, ['experiments', of]);
  const values = parsed.tree && findNodeAtLocation(parsed.tree, path);
  if (base === undefined || values === undefined) throw new RangeError('a spec without errors has the experiment of every sweep');
  const axes = Object.entries(vary).map(([pointer, list]) => ({ pointer, values: list }));
  const directory = conceptDirectory(saes);
  const fault = (message: Phrase, remedy: Phrase, place: JsonPath): InputError => new InputError(message, { file: parsed.file, place: parsed.placeOf(place), remedy });
  const variants = variantsOf(base, values, axes, (message, remedy, index) => fault(phrase`with ${describe(axes, index)}: ${message}`, remedy, path));
  return {
    name, of, axes,
    cells: gridOf(axes.map((axis) => axis.values.length)).map((index, cell) => {
      const experiment = variants[cell];
      try {
        const resolved = resolveExperiment(experiment, ['experiments', of], parsed, directory);
        return { at: index, plan: planExperiment({ name: `${name}[${index.join(', ')}]`, path: ['experiments', of], experiment, resolved }, plan, masks) };
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        // What does not resolve stands in the sweep, not in the experiment that it varies: at the value that does not by itself.
        const alone = axes.findIndex((axis, which) => !resolves(base, values, axis, index[which], (single) => resolveExperiment(single, ['experiments', of], parsed, directory)));
        throw fault(phrase`with ${describe(axes, index)}: ${error.phrases.message}`, error.phrases.remedy, alone < 0 ? path : [...path, axes[alone].pointer, index[alone]]);
      }
    }),
  };
}

/** Whether an experiment with one of its values changed means something. */
function resolves(base: Node, vary: Node, { pointer, values }: Axis, index: number, resolve: (experiment: Experiment) => unknown): boolean {
  try {
    resolve(variantsOf(base, vary, [{ pointer, values }], (message, remedy) => new InputError(message, { file: '', remedy }))[index]);
    return true;
  } catch {
    return false;
  }
}

/** `/edits/0/add = 4, /edits/0/during = "early"`. */
function describe(axes: SweepPlan['axes'], index: readonly number[]): string {
  return axes.map(({ pointer, values }, axis) => `${pointer} = ${JSON.stringify(values[index[axis]])}`).join(', ');
}
