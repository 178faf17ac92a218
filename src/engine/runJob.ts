import { completeRuns } from '../experiment/completeRuns.ts';
import type { SpecStep } from '../experiment/completeRuns.ts';
import type { ModelLibrary } from '../experiment/modelLibrary.ts';
import { planSpec } from '../experiment/planSpec.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import { parseSpec } from '../spec/parseSpec.ts';
import type { JobPlan, RunAnswer, RunFinishedMessage, RunParams, StepMessage } from './protocol.ts';

/** What a job needs, and whom it tells of its progress. */
export interface JobContext {
  readonly signal: AbortSignal;
  readonly models: ModelLibrary;
  /** Runs beside the spec are removed, oldest first, beyond this. */
  readonly cacheLimitBytes: number;
  readonly planned: (plan: JobPlan) => Promise<void>;
  /** The next step waits until the message has left: a picture is seen while it is new, and messages do not pile up. */
  readonly stepped: (step: StepMessage) => Promise<void>;
  readonly runFinished: (run: RunFinishedMessage) => Promise<void>;
}

/** Carry out the text of a spec. @throws InputError, CancelledError */
export async function runJob({ job, file, text }: RunParams, context: JobContext): Promise<RunAnswer> {
  const started = performance.now();
  const { models, signal } = context;
  const plan = await planSpec(parseSpec(text, file), models);
  await context.planned(jobPlan(plan));

  const secondsLeft = paceOf();
  const runs = await completeRuns(plan, {
    models, signal,
    onStep: async ({ seed, step, steps, at, run, runs: count, preview, ...recorded }: SpecStep) => {
      const done = run * steps + step + 1;
      const total = count * steps;
      const png = await preview;
      await context.stepped({ job, seed, step, at, done, total, secondsLeft: secondsLeft(done, total, at), codes: recorded.codes(), ...(png !== undefined && { preview: png }) });
    },
    onRunFinished: ({ manifest, folder }) => context.runFinished({ job, seed: manifest.definition.sample.seed, folder }),
  });
  if (runs.some(({ cached }) => !cached)) await plan.store.prune(context.cacheLimitBytes, plan.runs.map(({ plan: { key } }) => key));
  return {
    runs: runs.map(({ manifest, folder, cached }) => ({ seed: manifest.definition.sample.seed, folder, cached })),
    totalMs: performance.now() - started,
  };
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

/** Estimates the seconds left from the steps after the first, which also warms the networks up; null until there is one. */
function paceOf(): (done: number, total: number, at: number) => number | null {
  let first: number | undefined;
  return (done, total, at) => {
    first ??= at;
    return done < 2 ? null : (at - first) / (done - 1) * (total - done) / 1000;
  };
}
