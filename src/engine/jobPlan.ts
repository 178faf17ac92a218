import type { SpecPlan } from '../experiment/planSpec.ts';
import type { ExperimentPlan, StudyPlan } from '../study/experimentPlan.ts';
import type { JobPlan, PlannedExperiment } from './protocol.ts';

/** What a job will do, for those who watch it. @param study what it carries out beside the plain runs */
export function jobPlan({ pipeline, resolved: { sample, trace }, saes, timesteps, trainTimesteps, runs, store }: SpecPlan, study?: Pick<StudyPlan, 'experiments' | 'sweeps'>): JobPlan {
  return {
    modelName: pipeline.name, prompt: sample.prompt, scheduler: sample.scheduler, totalSteps: timesteps.length,
    steps: trace.steps,
    t: trace.steps.map((step) => timesteps[step] / trainTimesteps),
    runs: runs.map(({ plan: { definition }, folder, stored }) => ({ seed: definition.sample.seed, folder, cached: stored !== undefined })),
    saes: Object.fromEntries(trace.sites.flatMap((site) => {
      const folder = saes.get(site)?.sae.folder;
      return folder === undefined ? [] : [[site, folder]];
    })),
    experiments: study === undefined ? [] : [
      ...study.experiments.map((experiment) => ({ name: experiment.name, ...compared(experiment) })),
      ...study.sweeps.flatMap(({ name, cells }) => cells.map((cell, index) => ({ name, cell: index, ...compared(cell.plan) }))),
    ],
  };

  function compared({ edits, groups }: ExperimentPlan): Pick<PlannedExperiment, 'edits' | 'pairs'> {
    const folders = groups.map(({ role, plans }) => ({ role, folders: plans.map(({ key }) => store.folderOf(key)) }));
    const [baseline, edited] = (['baseline', 'edited'] as const).map((kind) => folders.find(({ role }) => role.kind === kind)?.folders ?? []);
    return {
      edits,
      pairs: runs.map(({ plan: { definition } }, index) => ({
        seed: definition.sample.seed, baseline: baseline[index], edited: edited[index],
        controls: folders.flatMap(({ role, folders: own }) => (role.kind === 'control' ? [{ control: role.control, draw: role.draw, folder: own[index] }] : [])),
      })),
    };
  }
}
