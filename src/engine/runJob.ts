import { completeRuns } from '../experiment/completeRuns.ts';
import type { SpecStep } from '../experiment/completeRuns.ts';
import { planSpec } from '../experiment/planSpec.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import { parseSpec } from '../spec/parseSpec.ts';
import { pruneMemories } from '../study/pruneMemories.ts';
import type { JobContext, JobResult } from './jobContext.ts';
import { jobPlan } from './jobPlan.ts';
import type { RunAnswer, RunParams } from './protocol.ts';
import { runParts } from './runParts.ts';

/** Carry out the text of a spec. @throws InputError, CancelledError */
export async function runJob(params: RunParams, context: JobContext): Promise<RunAnswer> {
  const started = performance.now();
  const plan = await planSpec(parseSpec(params.text, params.file), context.models);
  await context.planned(jobPlan(plan));
  const { target } = params;
  const { runs, all, parts } = target === undefined ? await runPlain(plan, params.job, context) : await runParts(plan, target, params.job, context);
  if (all.some(({ cached }) => !cached)) await plan.store.prune(context.cacheLimitBytes, all.map(({ manifest: { key } }) => key));
  if (parts.length > 0) await pruneMemories(plan.folder, context.cacheLimitBytes);
  return {
    runs: runs.map(({ manifest, folder, cached }) => ({ seed: manifest.definition.sample.seed, folder, cached })), parts,
    totalMs: performance.now() - started,
  };
}

async function runPlain(plan: SpecPlan, job: string, { models, signal, stepped, runFinished }: JobContext): Promise<JobResult> {
  const runs = await completeRuns(plan, {
    models, signal,
    onStep: async ({ seed, step, steps, at, run, runs: count, secondsLeft, preview, ...recorded }: SpecStep) => {
      const done = run * steps + step + 1;
      const total = count * steps;
      const png = await preview;
      await stepped({ job, seed, step, at, done, total, secondsLeft, codes: recorded.codes(), ...(png !== undefined && { preview: png }) });
    },
    onRunFinished: ({ manifest, folder }) => runFinished({ job, seed: manifest.definition.sample.seed, folder }),
  });
  return { runs, all: runs, parts: [] };
}
