import { findNodeAtLocation } from 'jsonc-parser';
import { closest } from '../base/closest.ts';
import { InputError } from '../base/errors.ts';
import { conceptDirectory } from '../experiment/labelledSaes.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import { readMasks, type SpecMasks } from '../experiment/readMasks.ts';
import { requireSpec } from '../spec/parseSpec.ts';
import { resolveExperiment } from '../spec/resolveSpec.ts';
import type { Experiment } from '../spec/schema.ts';
import type { ExperimentPlan, StudyPlan, SweepPlan } from './experimentPlan.ts';
import { planExperiment } from './planExperiment.ts';
import { gridOf, variantsOf } from './variants.ts';

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
    throw new InputError(`no experiment or sweep is called "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`, {
      file: parsed.file, remedy: known.length === 0 ? 'The spec has none.' : `It has ${known.join(', ')}.`,
    });
  }
  const chosen = (name: string): boolean => only?.includes(name) ?? true;
  const specMasks = await readMasks(parsed);
  return {
    masks: specMasks.masks,
    experiments: Object.entries(experiments).filter(([name]) => chosen(name)).map(([name, experiment]) => planOne(name, experiment, plan, specMasks)),
    sweeps: Object.entries(sweeps).filter(([name]) => chosen(name)).map(([name, { of, vary }]) => planSweep(name, of, vary, plan, specMasks)),
  };
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
  const at = (index: readonly number[]): string => parsed.placeOf(axes.length === 1 ? [...path, axes[0].pointer, index[0]] : path);
  const variants = variantsOf(base, values, axes, (message, remedy, index) => new InputError(message, { file: parsed.file, place: at(index), remedy }));
  return {
    name, of, axes,
    cells: gridOf(axes.map((axis) => axis.values.length)).map((index, cell) => {
      const experiment = variants[cell];
      const label = `${name}[${index.join(', ')}]`;
      try {
        const resolved = resolveExperiment(experiment, ['experiments', of], parsed, directory);
        return { at: index, plan: planExperiment({ name: label, path: ['experiments', of], experiment, resolved }, plan, masks) };
      } catch (error) {
        // What does not resolve stands in the sweep, not in the experiment that it varies.
        throw error instanceof InputError ? new InputError(`with ${describe(axes, index)}: ${error.message}`, { file: parsed.file, place: at(index), remedy: error.remedy }) : error;
      }
    }),
  };
}

/** `/edits/0/add = 4, /edits/0/during = "early"`. */
function describe(axes: SweepPlan['axes'], index: readonly number[]): string {
  return axes.map(({ pointer, values }, axis) => `${pointer} = ${JSON.stringify(values[index[axis]])}`).join(', ');
}
