import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { Mask } from '../spec/areaAverage.ts';
import type { RunFault, RunStep } from './executeRun.ts';
import type { FinishedRun } from './experimentResult.ts';
import type { ModelLibrary } from './modelLibrary.ts';
import type { RunPlan } from './plan.ts';
import type { SpecPlan } from './planSpec.ts';
import { prefixTree, runsOf } from './prefixTree.ts';
import type { AskedRun } from './prefixTree.ts';
import { RunWork } from './runWork.ts';

/** A step of one of the runs that have to be computed. */
export interface ExperimentStep extends RunStep {
  readonly plan: RunPlan;
  /** What the run is for; of equal runs, what the first one is for. */
  readonly role: string;
  /** Steps before this one are those of another run, and are not told. */
  readonly shared: number;
  /** U-Net calls made and to make; fewer than at the start where other processes computed runs in the meantime. */
  readonly done: number;
  readonly total: number;
  /** Estimated from the steps so far; null before there is one to go by. */
  readonly secondsLeft: number | null;
}

/** What became of a run. */
export type RunResult =
  | { readonly kind: 'finished'; readonly run: FinishedRun }
  /** It ended with NaN or infinity; nothing of it is stored. */
  | { readonly kind: 'failed'; readonly fault: RunFault };

/** How runs come into being. */
export interface ExecuteOptions {
  readonly signal: AbortSignal;
  readonly models: ModelLibrary;
  /** Masks of the edits' regions, by the hash that definitions name. */
  readonly masks?: ReadonlyMap<string, Mask>;
  /** How many variants of one step go through the U-Net at once; left out: as many as are fastest, measured where there is enough to do. */
  readonly atOnce?: number;
  /** Told after each step; where it returns a promise, the next step waits for it. */
  readonly onStep?: (step: ExperimentStep) => void | Promise<void>;
  /** Told when a run has been computed, by this process or another, and stands in its folder. */
  readonly onRunFinished?: (run: FinishedRun, role: string) => void | Promise<void>;
  /** Told when a run has ended without a result. */
  readonly onRunFailed?: (plan: RunPlan, fault: RunFault, role: string) => void | Promise<void>;
}

/**
 * Find or compute runs, with edits and without. What runs have in common is computed once (see `prefixTree`), each run is stored as soon as it is finished, and a run that
 * ends with NaN does not stop the others, unless it is unedited: then the model itself is at fault. Other processes may work at the same runs: each is computed by one of
 * them. A model is loaded only when something has to be computed.
 * @returns by key, what became of every run
 * @throws InputError (a full disk; NaN without edits), CancelledError; runs finished before stay, and one that was not leaves nothing behind
 */
export async function executeRuns(asked: readonly AskedRun[], spec: SpecPlan, options: ExecuteOptions): Promise<ReadonlyMap<string, RunResult>> {
  const { pipeline, saes, resolved: { trace }, folder, store } = spec;
  const { models, signal, masks = new Map<string, Mask>() } = options;
  const samples = prefixTree(asked).roots.map((root) => runsOf({ roots: [root] }));
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
    const request = { pipeline, saes: traced, branch: trace.branch, cacheFolder: `${folder}/cache`, ...(editable.length > 0 && { editable }) };
    await models.use(request, async (model) => {
      const guided = runs[0].plan.definition.sample.guidanceScale > 1;
      await new RunWork(samples, results, { model, store, inputs: await model.editInputs({ masks, guided }), cacheFolder: request.cacheFolder, ...options }).complete();
    });
    return results;
  } finally {
    await hold.release();
  }
}
