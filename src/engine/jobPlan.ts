import type { SpecPlan } from '../experiment/planSpec.ts';
import type { ExperimentPlan } from '../study/experimentPlan.ts';
import type { JobPlan } from './protocol.ts';

/** What a job will do, for those who watch it. @param experiments those that it carries out */
export function jobPlan({ pipeline, resolved: { sample, trace }, saes, timesteps, trainTimesteps, runs, store }: SpecPlan, experiments: readonly ExperimentPlan[] = []): JobPlan {
  return {
    modelName: pipeline.name, prompt: sample.prompt, scheduler: sample.scheduler, totalSteps: timesteps.length,
    steps: trace.steps,
    t: trace.steps.map((step) => timesteps[step] / trainTimesteps),
    runs: runs.map(({ plan: { definition }, folder, stored }) => ({ seed: definition.sample.seed, folder, cached: stored !== undefined })),
    saes: Object.fromEntries(trace.sites.flatMap((site) => {
      const folder = saes.get(site)?.sae.folder;
      return folder === undefined ? [] : [[site, folder]];
    })),
    experiments: experiments.map(({ name, edits, groups }) => {
      const [baseline, edited] = (['baseline', 'edited'] as const).map((kind) => groups.find(({ role }) => role.kind === kind)?.plans ?? []);
      return { name, edits, pairs: baseline.map((plan, index) => ({ seed: plan.definition.sample.seed, baseline: store.folderOf(plan.key), edited: store.folderOf(edited[index].key) })) };
    }),
  };
}
