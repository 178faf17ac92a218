import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rowsOf } from '../../src/diffusion/conditioning.ts';
import type { EditDefinition } from '../../src/experiment/editDefinition.ts';
import { freshModels } from '../../src/experiment/modelLibrary.ts';
import type { ModelLibrary } from '../../src/experiment/modelLibrary.ts';
import type { WriteFile } from '../../src/experiment/fileBatch.ts';
import { withEdits } from '../../src/experiment/plan.ts';
import { planSpec } from '../../src/experiment/planSpec.ts';
import type { SpecPlan } from '../../src/experiment/planSpec.ts';
import type { AskedRun } from '../../src/experiment/prefixTree.ts';
import type { TracingModel } from '../../src/experiment/tracingModel.ts';
import { parseSpec } from '../../src/spec/parseSpec.ts';
import type { SchedulerName } from '../../src/spec/schedulerNames.ts';

export const editedSite = 'mid_block.attentions.0';
const otherSite = 'up_blocks.1.attentions.0';

/** An edit at the mid block of Scenes. */
export function midEdit(steps: readonly number[], parts: Partial<EditDefinition> = {}): EditDefinition {
  return { site: editedSite, concepts: [3, 70], operation: 'add', amount: 6, unit: 'mean', where: 'right', elsewhere: 'keep', branch: 'cond', steps: [...steps], ...parts };
}

/** Edits of the runs beside the baseline of a small sweep over six steps: what parts early, in the middle, late, twice, and several times from one other run. */
const sixSteps: Readonly<Record<string, readonly EditDefinition[]>> = {
  late: [midEdit([4, 5])],
  'late, stronger': [midEdit([4, 5], { amount: 20 })],
  'late, shuffled': [midEdit([4, 5], { shuffle: 7 })],
  middle: [midEdit([2, 3], { operation: 'scale', amount: 0, unit: 'raw', elsewhere: 'ablate', branch: 'both' })],
  'middle, then late': [midEdit([2, 3], { operation: 'scale', amount: 0, unit: 'raw', elsewhere: 'ablate', branch: 'both' }), midEdit([5], { site: otherSite, unit: 'norm', amount: 1 })],
  early: [midEdit([0, 1], { branch: 'contrast', unit: 'share', amount: 300 })],
  'early, by another concept': [midEdit([0, 1], { branch: 'contrast', unit: 'share', amount: 300, writes: [5, 6] })],
};

/** A plan of a spec on Scenes in a folder, tracing two sites. */
export async function sweepPlan(folder: string, { seeds = [0], steps = 6, guidanceScale = 5, scheduler, models = freshModels(), write }: {
  seeds?: readonly number[]; steps?: number; guidanceScale?: number; scheduler?: SchedulerName; models?: ModelLibrary; write?: WriteFile;
} = {}): Promise<SpecPlan> {
  await mkdir(folder, { recursive: true });
  const text = JSON.stringify({
    dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a red house left and a blue tree right, meadow', seeds, steps, guidanceScale, scheduler }, trace: { sites: [editedSite, 'down_blocks.1.attentions.0'] },
  });
  return planSpec(parseSpec(text, join(folder, 'test.dmi.json')), models, write);
}

/** The baseline of each seed, and the edited runs by name. */
export function sweepOf({ runs, saes }: SpecPlan, edits: Readonly<Record<string, readonly EditDefinition[]>> = sixSteps): AskedRun[] {
  const hashes = new Map([...saes].map(([site, { sae }]) => [site, sae.hash]));
  return runs.flatMap(({ plan }) => [{ plan, role: 'baseline' }, ...Object.entries(edits).map(([role, list]) => ({ plan: withEdits(plan, list, hashes), role }))]);
}

/** Fresh models that count the runs and the steps that go through them: a step of a batch counts for each of its variants. */
export function countingModels(): ModelLibrary & { readonly calls: () => number } {
  const models = freshModels();
  let calls = 0;
  return {
    ...models,
    calls: () => calls,
    use: (request, task) => models.use(request, async (model) => {
            await model.editInputs({ masks: new Map(), guided: true }); // asks once for the grids, which is no step of a run
      const predict: TracingModel['predict'] = model.predict.bind(model);
      model.predict = (input, timestep, conditioning, ...rest) => {
        calls += rowsOf(conditioning) / (request.branch === 'cond' ? 2 : 1);
        return predict(input, timestep, conditioning, ...rest);
      };
      return task(model);
    }),
  };
}
