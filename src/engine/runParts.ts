import { join } from 'node:path';
import { paceOf } from '../experiment/paceOf.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import type { StudyPlan } from '../study/experimentPlan.ts';
import type { ExperimentOutcome } from '../study/outcome.ts';
import { planExperiments } from '../study/planExperiments.ts';
import { runPlanned } from '../study/runExperiments.ts';
import type { JobContext, JobResult } from './jobContext.ts';
import { jobPlan } from './jobPlan.ts';
import type { JobTarget, PartAnswer, ProgressMessage } from './protocol.ts';

/** Carry out experiments and sweeps of a spec, with its plain runs. @throws InputError, CancelledError */
export async function runParts(plan: SpecPlan, target: JobTarget, job: string, { models, signal, planned, stepped, progressed, runFinished, partFinished }: JobContext): Promise<JobResult> {
  const plain = new Set(plan.runs.map((run) => run.plan.key));
  const tell = (phase: ProgressMessage['phase']): ((done: number, total: number) => Promise<void>) => {
    const secondsLeft = paceOf();
    return async (done, total) => {
      const at = Date.now();
      await progressed({ job, phase, role: '', done, total, secondsLeft: secondsLeft(done, total, at), at });
    };
  };
  const study = await chosen(plan, target);
  await planned(jobPlan(plan, study));
  const parts: PartAnswer[] = [];
  const tellPart = async (part: PartAnswer): Promise<void> => {
    parts.push(part);
    await partFinished({ job, part });
  };
  const { runs, all } = await runPlanned(plan, study, {
    models, signal,
    // The steps of unedited runs fill the timeline, the pictures of edited ones and controls stand beside them.
    onStep: async ({ plan: { key, definition: { sample: { seed } } }, role, step, at, done, total, secondsLeft, preview, ...recorded }) => {
      const png = await preview;
      if (plain.has(key)) await stepped({ job, seed, step, at, done, total, secondsLeft, codes: recorded.codes(), ...(png !== undefined && { preview: png }) });
      else {
        const picture = png === undefined ? {} : { picture: { folder: plan.store.folderOf(key), step, preview: png } };
        await progressed({ job, phase: 'runs', role, seed, done, total, secondsLeft, at, ...picture });
      }
    },
    onRunFinished: async ({ manifest: { definition }, folder }) => {
      await runFinished({ job, seed: definition.sample.seed, folder });
    },
    onInspected: tell('looking'),
    onMeasured: tell('measuring'),
    onExperiment: ({ folder, outcome }) => tellPart({ kind: 'experiments', name: outcome.name, file: join(folder, 'experiment.json'), ...headlineOf(outcome), ...verdictOf([outcome]) }),
    onSweep: ({ folder, outcome: { name, cells } }) => tellPart({ kind: 'sweeps', name, file: join(folder, 'sweep.json'), ...verdictOf(cells.map(({ outcome }) => outcome)) }),
  });
  return { runs, all, parts: inOrder(parts, study) };
}

/** Parts in the order of the spec, experiments first: they may have been finished in another one. */
function inOrder(parts: readonly PartAnswer[], { experiments, sweeps }: StudyPlan): PartAnswer[] {
  const of = (kind: PartAnswer['kind'], names: readonly { readonly name: string }[]): PartAnswer[] => names.flatMap(({ name }) => parts.find((part) => part.kind === kind && part.name === name) ?? []);
  return [...of('experiments', experiments), ...of('sweeps', sweeps)];
}

/** An experiment and a sweep may bear the same name. */
async function chosen(plan: SpecPlan, target: JobTarget): Promise<StudyPlan> {
  if (target === 'all') return await planExperiments(plan);
  const study = await planExperiments(plan, [target.name]);
  return target.kind === 'experiments' ? { ...study, sweeps: [] } : { ...study, experiments: [] };
}

function headlineOf({ measures }: ExperimentOutcome): Pick<PartAnswer, 'headline'> {
  const first = Object.entries(measures).at(0);
  if (first === undefined) return {};
  const [measure, { value, low, high, n }] = first;
  return { headline: { measure, value, low, high, n } };
}

function verdictOf(outcomes: readonly ExperimentOutcome[]): Pick<PartAnswer, 'expected' | 'failed'> {
  const expectations = outcomes.flatMap((outcome) => outcome.expectations);
  return { expected: expectations.length, failed: expectations.filter(({ passed }) => !passed).length };
}
