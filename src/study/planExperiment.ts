import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { defineEdits } from '../experiment/defineEdits.ts';
import { withEdits } from '../experiment/plan.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import type { SpecMasks } from '../experiment/readMasks.ts';
import type { JsonPath } from '../spec/jsonPath.ts';
import type { ResolvedEdit, ResolvedExperiment } from '../spec/resolveSpec.ts';
import type { Experiment, Window } from '../spec/schema.ts';
import { stepsOfWindow } from '../spec/windows.ts';
import { drawControls, type ConceptPool } from './controls.ts';
import type { AskedRegion, ExperimentPlan, RunGroup } from './experimentPlan.ts';
import { needsRegion } from './measures/measureName.ts';

/** An experiment as it is written, and what it means. */
export interface NamedExperiment {
  readonly name: string;
  readonly path: JsonPath;
  readonly experiment: Experiment;
  readonly resolved: ResolvedExperiment;
}

/** Which runs an experiment needs, and what is measured on them. @throws InputError when a window holds no step, or a region follows a concept that the runs do not record */
export function planExperiment({ name, path, experiment, resolved }: NamedExperiment, plan: SpecPlan, masks: SpecMasks): ExperimentPlan {
  const { saes, runs } = plan;
  const hashOf = (file: string): string => masks.hashes.get(file) ?? '';
  requireSteps(resolved.edits, [...path, 'edits'], plan);
  const edits = defineEdits(resolved.edits, (window) => stepsIn(window, plan), hashOf);
  const { draws, without } = drawControls(edits, resolved.controls, poolOf(plan), (hash) => masks.masks.get(hash));
  const hashes = new Map([...saes].map(([site, { sae }]) => [site, sae.hash]));
  const group = (role: RunGroup['role'], acting: typeof edits): RunGroup => ({ role, plans: runs.map((run) => withEdits(run.plan, acting, hashes)) });
  const measures = [...new Set([...resolved.measure, ...Object.keys(resolved.expect)])];
  const regions = measures.some(needsRegion) ? resolved.edits.map((edit, index) => regionOf(edit, [...path, 'edits', index, 'where'], plan, masks)) : [];
  return {
    name, why: experiment.why ?? '', edits, without,
    groups: [
      group({ kind: 'baseline' }, []), group({ kind: 'edited' }, edits),
      ...draws.map(({ control, draw, edits: acting }) => group({ kind: 'control', control, draw }, [...acting])),
    ],
    identity: resolved.controls.includes('identity') && edits.length > 0,
    regions, labels: labelsOf(experiment), measures, expect: resolved.expect,
  };
}

/** What the editor says of a spec, for windows that sweeps and searches put in as well. @throws InputError where a window holds none of them */
function requireSteps(edits: readonly ResolvedEdit[], path: JsonPath, plan: SpecPlan): void {
  const { parsed, timesteps } = plan;
  const empty = edits.findIndex(({ during }) => stepsIn(during, plan).length === 0);
  if (empty < 0) return;
  throw new InputError(phrase`none of the ${timesteps.length} steps falls into this window`, {
    file: parsed.file, place: parsed.placeOf([...path, empty, 'during']), remedy: phrase`Widen it, or sample with more steps.`,
  });
}

/** The steps of a run that belong to a window. */
function stepsIn(window: Window, { timesteps, trainTimesteps }: SpecPlan): number[] {
  return stepsOfWindow(window, timesteps, trainTimesteps);
}

/** What random concepts are drawn from. */
function poolOf({ saes }: SpecPlan): ConceptPool {
  return {
    candidates(site) {
      const labelled = saes.get(site);
      const { mean = [] } = labelled?.sae.sidecar.statistics ?? {};
      return mean.flatMap((strength, id) => (strength > 0 && labelled?.labels?.contextFree(id) !== true ? [id] : []));
    },
  };
}

function regionOf({ site, where, during, branch }: ResolvedEdit, path: JsonPath, plan: SpecPlan, { hashes, masks }: SpecMasks): AskedRegion {
  const { parsed, resolved: { trace } } = plan;
  if (typeof where === 'string' || 'box' in where || 'polygon' in where) return { fixed: where };
  if ('mask' in where) {
    const mask = masks.get(hashes.get(where.mask) ?? '');
    if (mask === undefined) throw new RangeError(`the mask ${where.mask} was not read`);
    return { fixed: { mask } };
  }
  const row = branch === 'uncond' ? 'uncond' : 'cond';
  const last = Math.max(...stepsIn(during, plan));
  const step = trace.steps.filter((recorded) => recorded <= last).at(-1);
  if (step === undefined || !trace.sites.includes(site) || (trace.branch !== 'both' && trace.branch !== row)) {
    throw new InputError(phrase`the region follows a concept of ${site}, which the runs do not record there and then`, {
      file: parsed.file, place: parsed.placeOf(path), remedy: phrase`Let "trace" record that site, branch and step, or measure nothing that needs a region.`,
    });
  }
  const partly = plan.saes.get(site)?.sae.nonlinearity !== 'topk';
  return { site, branch: row, concepts: where.concepts, above: where.above, step, ...(partly && { partly }) };
}

/** Words by which the edits name their concepts, each once. */
function labelsOf({ edits }: Experiment): string[] {
  return [...new Set(edits.flatMap(({ concept }) => (Array.isArray(concept) ? concept : [concept])).filter((concept) => typeof concept === 'string'))];
}
