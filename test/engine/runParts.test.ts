import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JobPlan, JobTarget, PartAnswer, ProgressMessage, RunAnswer, StepMessage } from '../../src/engine/protocol.ts';
import { CancelledError } from '../../src/base/errors.ts';
import { runJob } from '../../src/engine/runJob.ts';
import { previewName } from '../../src/experiment/previewName.ts';
import { freshModels } from '../../src/experiment/modelLibrary.ts';
import { checkShape } from '../../src/base/checkShape.ts';
import { ExperimentOutcome, SweepOutcome } from '../../src/study/outcome.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const site = 'mid_block.attentions.0';
const spec = JSON.stringify({
  dmi: 1, model: 'builtin:scenes',
  sample: { prompt: 'a red house, meadow', seeds: [0, 1], steps: 3 },
  trace: { sites: [site] },
  experiments: {
    a: { edits: [{ site, concept: 3, add: 4, where: 'right' }], controls: ['identity', 'random-concept'], measure: ['mse', 'presence:house', 'ood'], expect: { mse: { min: 1e-9 }, 'presence:house': { min: 2 } } },
    b: { edits: [{ site, concept: 4, add: 2 }], controls: [], measure: ['mse'] },
  },
  sweeps: { a: { of: 'b', vary: { '/edits/0/add': [1, 3] } } },
});

let folder: string;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'dmi-parts-')); });
afterAll(async () => { await rm(folder, { recursive: true }); });

/** @param at where the spec lies. @param told of each outcome that was written */
async function run(
  target: JobTarget, at = folder, told: (part: PartAnswer) => void = () => undefined, onProgress: (message: ProgressMessage) => void = () => undefined, signal = new AbortController().signal,
): Promise<{ answer: RunAnswer; steps: StepMessage[]; progress: ProgressMessage[]; finished: string[]; plan: JobPlan | undefined }> {
  const steps: StepMessage[] = [];
  const progress: ProgressMessage[] = [];
  const finished: string[] = [];
  let plan: JobPlan | undefined;
  const note = <T>(list: T[]) => (message: T): Promise<void> => { list.push(message); return Promise.resolve(); };
  const answer = await runJob({ job: 'j', file: join(at, 'a.dmi.json'), text: spec, target }, {
    signal, models: freshModels(), cacheLimitBytes: Infinity,
    planned: (message) => {
      plan = message;
      return Promise.resolve();
    },
    stepped: note(steps), runFinished: (run) => note(finished)(run.folder),
    progressed: (message) => {
      onProgress(message);
      return note(progress)(message);
    },
    partFinished: ({ part }) => {
      told(part);
      return Promise.resolve();
    },
  });
  return { answer, steps, progress, finished, plan };
}

it('carries out one experiment with the plain runs, and tells how far it is', async () => {
  const { answer, steps, progress, finished, plan } = await run({ kind: 'experiments', name: 'a' });
  expect(answer.runs.map(({ seed, cached }) => [seed, cached])).toEqual([[0, false], [1, false]]);
  const [{ name, edits, pairs }] = plan?.experiments ?? [];
  expect([name, edits.length, pairs.map(({ seed }) => seed)]).toEqual(['a', 1, [0, 1]]);
  const drawn = (of: (typeof pairs)[number]): string[] => [of.edited, ...of.controls.map((control) => control.folder)];
  expect(pairs[0].controls.map(({ control, draw }) => `${control} ${draw}`)).toEqual(['random-concept 0', 'random-concept 1', 'random-concept 2']);
  expect([...finished].sort()).toEqual(pairs.flatMap((pair) => [pair.baseline, ...drawn(pair)]).sort());
  const pictures = progress.flatMap(({ picture }) => (picture === undefined ? [] : [`${picture.folder} ${picture.step}`]));
  expect([...pictures].sort()).toEqual(pairs.flatMap((pair) => drawn(pair).flatMap((run) => [0, 1, 2].map((step) => `${run} ${step}`))).sort());
  const [first] = progress.flatMap(({ picture }) => picture ?? []);
  expect(Buffer.from(first.preview)).toEqual(await readFile(join(first.folder, previewName(0))));
  expect(steps.map(({ seed, step }) => [seed, step]).sort()).toEqual([[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
  expect(steps[0].codes.map((trace) => trace.site)).toEqual([site]);
  expect(progress.filter(({ phase, role }) => phase === 'runs' && role === 'a')).toHaveLength(6);
  expect(new Set(progress.map(({ phase }) => phase))).toEqual(new Set(['runs', 'looking', 'measuring']));
  const runs = progress.filter(({ phase }) => phase === 'runs');
  expect(runs.at(-1)).toMatchObject({ done: 30, total: 30 }); // 2 seeds x (unedited, edited, 3 draws) x 3 steps

  expect(answer.parts).toMatchObject([{ kind: 'experiments', name: 'a', expected: 2, failed: 1, headline: { measure: 'mse', n: 2 } }]);
  const outcome = checkShape(ExperimentOutcome, JSON.parse(await readFile(answer.parts[0].file, 'utf8')), answer.parts[0].file, '');
  expect(outcome.identityHolds).toBe(true);
  expect(answer.parts[0].headline?.value).toBe(outcome.measures.mse.value);
  expect(outcome.measures.mse.value).toBeGreaterThan(0);
}, 120_000);

it('tells a sweep from an experiment of the same name, and computes nothing twice', async () => {
  const { answer, steps, plan } = await run({ kind: 'sweeps', name: 'a' });
  expect(plan?.experiments.map(({ name, cell, pairs }) => [name, cell, pairs.length])).toEqual([['a', 0, 2], ['a', 1, 2]]);
  expect(steps).toEqual([]);
  expect(answer.parts).toMatchObject([{ kind: 'sweeps', name: 'a', expected: 0, failed: 0 }]);
  const sweep = checkShape(SweepOutcome, JSON.parse(await readFile(answer.parts[0].file, 'utf8')), answer.parts[0].file, '');
  expect(sweep.cells.map(({ at }) => at)).toEqual([[0], [1]]);

  const all = await run('all');
  expect(all.answer.parts.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['experiments a', 'experiments b', 'sweeps a']);
  const again = await run('all');
  expect([...again.steps, ...again.progress.filter(({ phase }) => phase === 'runs')]).toEqual([]);
}, 120_000);

it('writes each outcome as soon as its own runs are measured, and a cancelled job keeps it', async () => {
  const at = await temporaryFolder();
  const events: string[] = [];
  const stop = new AbortController();
  const work = run('all', at, ({ kind, name, file }) => { events.push(`${kind} ${name} ${existsSync(file)}`); }, ({ phase, role }) => {
    if (phase !== 'runs') return;
    events.push(role.split(':')[0]);
    if (role.startsWith('a[')) stop.abort();
  }, stop.signal);
  await expect(work).rejects.toBeInstanceOf(CancelledError);
  const order = events.filter((event, index) => event !== events[index - 1]);
  expect(order).toEqual(['a', 'experiments a true', 'b', 'experiments b true', 'a[0]']);
  expect((await run('all', at)).answer.parts.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['experiments a', 'experiments b', 'sweeps a']);
}, 120_000);
