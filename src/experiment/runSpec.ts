import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import { openPipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { ParsedSpec } from '../spec/parseSpec.ts';
import { resolveFolders } from '../spec/resolveFolders.ts';
import { resolveSpec } from '../spec/resolveSpec.ts';
import { executeRun } from './executeRun.ts';
import type { WriteFile } from './fileBatch.ts';
import type { ExperimentResult, FinishedRun } from './experimentResult.ts';
import { conceptDirectory, loadLabelledSaes } from './labelledSaes.ts';
import { planRuns } from './plan.ts';
import type { RunPlan } from './plan.ts';
import { RunStore } from './runStore.ts';
import { summariseRuns } from './summariseRuns.ts';
import { TracingModel } from './tracingModel.ts';

/** How a spec is run. */
export interface RunOptions {
  readonly signal: AbortSignal;
  /** Told after each step, over all runs that have to be computed. @param run what is generated, e.g. `seed 1 (2 of 3)` */
  readonly onProgress: (run: string, done: number, total: number) => void;
  /** Puts files on the disk; left out: the real one. */
  readonly write?: WriteFile;
}

/** The answer to a spec, and what it took. */
export interface SpecRun {
  readonly result: ExperimentResult;
  /** `.dmi` beside the spec. */
  readonly folder: string;
  /** Of this call: runs found in the store cost nothing. `sessionMs` is the part of `runMs` inside ONNX Runtime. */
  readonly timings: { readonly unetMs: number; readonly sessionMs: number; readonly runMs: number };
}

/**
 * Carry out `sample` and `trace` of a spec: find or compute each run, and summarise them. The model is loaded only when something has to
 * be computed.
 * @throws InputError, CancelledError; a run that was not finished leaves nothing behind
 */
export async function runSpec(parsed: ParsedSpec, { signal, onProgress, write }: RunOptions): Promise<SpecRun> {
  const folders = await resolveFolders(parsed);
  const pipeline = await openPipelineFolder(folders.model);
  const saes = await loadLabelledSaes(folders.saes);
  const resolved = resolveSpec(parsed, conceptDirectory(saes));
  if (resolved.trace.branch !== 'cond' && resolved.sample.guidanceScale <= 1) {
    throw new InputError(`without guidance there is no ${resolved.trace.branch === 'both' ? 'uncond' : resolved.trace.branch} branch`, {
      file: parsed.file, place: parsed.placeOf(['trace', 'branch']), remedy: 'Set "guidanceScale" above 1, or trace "cond".',
    });
  }
  const folder = join(folders.spec, '.dmi');
  const store = await RunStore.open(join(folder, 'runs'), write);
  const plans = planRuns(resolved, await pipeline.hash(), new Map([...saes].map(([site, { sae }]) => [site, sae.hash])));
  const finished = new Map<string, FinishedRun>();
  for (const { key } of plans) {
    const run = await store.find(key);
    if (run !== undefined) finished.set(key, { ...run, cached: true });
  }

  const missing = plans.filter(({ key }) => !finished.has(key));
  if (missing.length > 0) {
    throwIfCancelled(signal);
    const traced = [...saes.values()].flatMap(({ sae }) => (resolved.trace.sites.includes(sae.site) ? [sae] : []));
    const model = await TracingModel.load(pipeline, traced, resolved.trace.branch, join(folder, 'cache'));
    try {
      for (const run of await computeRuns(missing, model, store, { signal, onProgress })) finished.set(run.manifest.key, run);
    } finally {
      await model.close();
    }
  }

  const runs = plans.flatMap(({ key }) => finished.get(key) ?? []);
  const sum = (part: 'unetMs' | 'sessionMs' | 'totalMs'): number => runs.reduce((total, { cached, manifest }) => total + (cached ? 0 : manifest.timings[part]), 0);
  return {
    result: await summariseRuns(runs, { specFile: parsed.file, modelName: pipeline.name, saes, top: resolved.trace.top, always: resolved.trace.always }),
    folder,
    timings: { unetMs: sum('unetMs'), sessionMs: sum('sessionMs'), runMs: sum('totalMs') },
  };
}

/** Generate what is missing, one after the other. */
async function computeRuns(plans: readonly RunPlan[], model: TracingModel, store: RunStore, { signal, onProgress }: RunOptions): Promise<FinishedRun[]> {
  const runs: FinishedRun[] = [];
  for (const [index, plan] of plans.entries()) {
    const { seed, steps } = plan.definition.sample;
    const name = `seed ${seed}${plans.length > 1 ? ` (${index + 1} of ${plans.length})` : ''}`;
    const onStep = (done: number): void => { onProgress(name, index * steps + done, plans.length * steps); };
    const pending = await store.begin(plan.key);
    try {
      runs.push({ ...await executeRun(plan, model, pending, { signal, onStep }), cached: false });
    } catch (error) {
      await pending.abandon();
      throw error;
    }
  }
  return runs;
}
