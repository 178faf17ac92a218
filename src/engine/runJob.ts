import { completeRuns } from '../experiment/completeRuns.ts';
import type { SpecStep } from '../experiment/completeRuns.ts';
import type { FinishedRun } from '../experiment/experimentResult.ts';
import type { ModelLibrary } from '../experiment/modelLibrary.ts';
import { planSpec } from '../experiment/planSpec.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import { parseSpec } from '../spec/parseSpec.ts';
import { paceOf } from './paceOf.ts';
import type { JobPlan, PartAnswer, ProgressMessage, RunAnswer, RunFinishedMessage, RunParams, StepMessage } from './protocol.ts';
import { runParts } from './runParts.ts';

/** What a job needs, and whom it tells of its progress. */
export interface JobContext {
  readonly signal: AbortSignal;
  readonly models: ModelLibrary;
  /** Runs beside the spec are removed, oldest first, beyond this. */
  readonly cacheLimitBytes: number;
  readonly planned: (plan: JobPlan) => Promise<void>;
  /** The next step waits until the message has left: a picture is seen while it is new, and messages do not pile up. */
  readonly stepped: (step: StepMessage) => Promise<void>;
  /** As `stepped`, for what is told without pictures. */
  readonly progressed: (progress: ProgressMessage) => Promise<void>;
  readonly runFinished: (run: RunFinishedMessage) => Promise<void>;
}

/** What a job came to: the plain runs, every run that it used, and its parts. */
export interface JobResult {
  readonly runs: readonly FinishedRun[];
  readonly all: readonly FinishedRun[];
  readonly parts: readonly PartAnswer[];
}

/** Carry out the text of a spec. @throws InputError, CancelledError */
export async function runJob(params: RunParams, context: JobContext): Promise<RunAnswer> {
  const started = performance.now();
  const plan = await planSpec(parseSpec(params.text, params.file), context.models);
  await context.planned(jobPlan(plan));
  const { target } = params;
  const { runs, all, parts } = target === undefined ? await runPlain(plan, params.job, context) : await runParts(plan, target, params.job, context);
  if (all.some(({ cached }) => !cached)) await plan.store.prune(context.cacheLimitBytes, all.map(({ manifest: { key } }) => key));
  return {
    runs: runs.map(({ manifest, folder, cached }) => ({ seed: manifest.definition.sample.seed, folder, cached })), parts,
    totalMs: performance.now() - started,
  };
}

async function runPlain(plan: SpecPlan, job: string, { models, signal, stepped, runFinished }: JobContext): Promise<JobResult> {
  const secondsLeft = paceOf();
  const runs = await completeRuns(plan, {
    models, signal,
    onStep: async ({ seed, step, steps, at, run, runs: count, preview, ...recorded }: SpecStep) => {
      const done = run * steps + step + 1;
      const total = count * steps;
      const png = await preview;
      await stepped({ job, seed, step, at, done, total, secondsLeft: secondsLeft(done, total, at), codes: recorded.codes(), ...(png !== undefined && { preview: png }) });
    },
    onRunFinished: ({ manifest, folder }) => runFinished({ job, seed: manifest.definition.sample.seed, folder }),
  });
  return { runs, all: runs, parts: [] };
}

function jobPlan({ pipeline, resolved: { sample, trace }, saes, timesteps, runs }: SpecPlan): JobPlan {
  return {
    modelName: pipeline.name, prompt: sample.prompt, totalSteps: sample.steps,
    steps: trace.steps,
    t: trace.steps.map((step) => timesteps[step] / 1000),
    runs: runs.map(({ plan: { definition }, folder, stored }) => ({ seed: definition.sample.seed, folder, cached: stored !== undefined })),
    saes: Object.fromEntries(trace.sites.flatMap((site) => {
      const folder = saes.get(site)?.sae.folder;
      return folder === undefined ? [] : [[site, folder]];
    })),
  };
}
