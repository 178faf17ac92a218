import { fileURLToPath } from 'node:url';
import type { EngineSettings, Job, JobQueue, JobState } from '../../src/engine/job.ts';
import { createJobQueue } from '../../src/engine/jobQueue.ts';
import type { StepMessage } from '../../src/engine/protocol.ts';

/** The bundle that ships; `npm run build` makes it. */
export const engineModule = fileURLToPath(new URL('../../dist/engine.mjs', import.meta.url));

const engineSettings: EngineSettings = {
  module: engineModule, nodePath: undefined, threads: undefined, provider: undefined, memoryLimitMb: 8192, idleMinutes: 10, cacheLimitMb: 4096,
};

/** A queue over the real engine, with what it has logged. */
export function engineQueue(settings: Partial<EngineSettings> = {}, graceMs = 10_000): JobQueue & { readonly lines: string[] } {
  const lines: string[] = [];
  const log = (line: string): void => { lines.push(line); };
  const queue = createJobQueue(() => ({ ...engineSettings, ...settings }), { info: log, warn: log, error: log }, graceMs);
  return Object.assign(queue, { lines });
}

/** The text of a small spec on the built-in model. */
export function sceneSpec({ seeds = [0, 1], steps = 4, ...parts }: { seeds?: readonly number[]; steps?: number; trace?: object; prompt?: string } = {}): string {
  const { prompt = 'a red house left and a blue tree right, meadow', ...rest } = parts;
  return JSON.stringify({ dmi: 1, model: 'builtin:scenes', sample: { prompt, seeds, steps, guidanceScale: 5 }, ...rest });
}

/** Wait until a job's state is as wanted; `ended` by default. */
export async function stateOf(job: Job, wanted: (state: JobState) => boolean = ended): Promise<JobState> {
  if (!wanted(job.state)) {
    await new Promise<void>((resolve) => {
      const subscription = job.onDidChange(() => {
        if (!wanted(job.state)) return;
        subscription.dispose();
        resolve();
      });
    });
  }
  return job.state;
}

export function ended({ kind }: JobState): boolean {
  return kind === 'done' || kind === 'cancelled' || kind === 'failed';
}

/** Wait for a step of a job. */
export async function stepOf(job: Job, wanted: (step: StepMessage) => boolean = () => true): Promise<StepMessage> {
  return new Promise((resolve) => {
    const subscription = job.onDidStep((step) => {
      if (!wanted(step)) return;
      subscription.dispose();
      resolve(step);
    });
  });
}
