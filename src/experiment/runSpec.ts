import type { ParsedSpec } from '../spec/parseSpec.ts';
import { completeRuns } from './completeRuns.ts';
import type { CompleteOptions } from './completeRuns.ts';
import type { ExperimentResult } from './experimentResult.ts';
import type { WriteFile } from './fileBatch.ts';
import { freshModels } from './modelLibrary.ts';
import { planSpec } from './planSpec.ts';
import { summariseRuns } from './summariseRuns.ts';

/** How a spec is run. */
export interface RunOptions extends Pick<CompleteOptions, 'signal' | 'onStep'> {
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
export async function runSpec(parsed: ParsedSpec, { write, ...options }: RunOptions): Promise<SpecRun> {
  const models = freshModels();
  const plan = await planSpec(parsed, models, write);
  const runs = await completeRuns(plan, { ...options, models });
  const sum = (part: 'unetMs' | 'sessionMs' | 'totalMs'): number => runs.reduce((total, { cached, manifest }) => total + (cached ? 0 : manifest.timings[part]), 0);
  return {
    result: await summariseRuns(runs, plan),
    folder: plan.folder,
    timings: { unetMs: sum('unetMs'), sessionMs: sum('sessionMs'), runMs: sum('totalMs') },
  };
}
