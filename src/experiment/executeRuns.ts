import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { Mask } from '../spec/areaAverage.ts';
import type { ExecuteOptions, RunResult } from './executeOptions.ts';
import type { SpecPlan } from './planSpec.ts';
import { prefixTree, runsOf } from './prefixTree.ts';
import type { AskedRun } from './prefixTree.ts';
import { RunWork } from './runWork.ts';

/**
 * Find or compute runs, with edits and without. What runs have in common is computed once (see `prefixTree`), each run is stored as soon as it is finished, and a run that
 * ends with NaN does not stop the others, unless it is unedited: then the model itself is at fault. Runs of a lower turn come first. Other processes may work at the same runs: each is computed by one of
 * them. A model is loaded only when something has to be computed.
 * @returns by key, what became of every run
 * @throws InputError (a full disk; NaN without edits), CancelledError; runs finished before stay, and one that was not leaves nothing behind
 */
export async function executeRuns(asked: readonly AskedRun[], spec: SpecPlan, options: ExecuteOptions): Promise<ReadonlyMap<string, RunResult>> {
  const { pipeline, saes, resolved: { trace }, folder, store, provider } = spec;
  const { models, signal, masks = new Map<string, Mask>() } = options;
  const samples = prefixTree(asked).roots.map((root) => runsOf({ roots: [root] }).sort((a, b) => a.turn - b.turn));
  const runs = samples.flat();
  const results = new Map<string, RunResult>();
  const hold = await store.hold(runs.map(({ plan }) => plan.key));
  try {
    for (const { plan: { key } } of runs) {
      const stored = await store.find(key);
      if (stored !== undefined) results.set(key, { kind: 'finished', run: { ...stored, cached: true } });
    }
    if (results.size === runs.length) return results;
    throwIfCancelled(signal);
    const traced = [...saes.values()].flatMap(({ sae }) => (trace.sites.includes(sae.site) ? [sae] : []));
    const edited = new Set(runs.flatMap(({ plan: { definition } }) => definition.edits ?? []).map(({ site }) => site));
    const editable = [...saes.values()].flatMap(({ sae }) => (edited.has(sae.site) ? [sae] : []));
    const request = { pipeline, saes: traced, branch: trace.branch, cacheFolder: `${folder}/cache`, provider, ...(editable.length > 0 && { editable }) };
    await models.use(request, async (model) => {
      const guided = model.pipeline.guided(runs[0].plan.definition.sample.guidanceScale);
      await new RunWork(samples, results, { ...options, model, store, inputs: await model.editInputs({ masks, guided }), cacheFolder: request.cacheFolder, tell: models.tell }).complete();
    });
    return results;
  } finally {
    await hold.release();
  }
}
