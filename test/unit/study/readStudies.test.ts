import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { english } from '../../../src/base/phrase.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshModels } from '../../../src/experiment/modelLibrary.ts';
import type { ModelLibrary } from '../../../src/experiment/modelLibrary.ts';
import { planSpec } from '../../../src/experiment/planSpec.ts';
import type { SpecPlan } from '../../../src/experiment/planSpec.ts';
import { openJudgeFolder } from '../../../src/judge/judgeFolder.ts';
import { parseSpec } from '../../../src/spec/parseSpec.ts';
import { resolveFolders } from '../../../src/spec/resolveFolders.ts';
import type { ExperimentPlan } from '../../../src/study/experimentPlan.ts';
import { measureKey } from '../../../src/study/measureKey.ts';
import type { ExperimentOutcome } from '../../../src/study/outcome.ts';
import { planExperiments } from '../../../src/study/planExperiments.ts';
import { readStudies } from '../../../src/study/readStudies.ts';
import { storeExperiment, storeSweep } from '../../../src/study/storeOutcomes.ts';
import { fakeMeasure, fakeOutcome } from '../../support/fakeOutcome.ts';

let folder: string;
let models: ModelLibrary;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dmi-stored-'));
  const fresh = freshModels();
  const seen = new Map<string, unknown>();
  const once = <T>(key: string, read: () => T): T => (seen.has(key) ? seen.get(key) : seen.set(key, read()).get(key)) as T;
  models = { ...fresh, pipeline: (path) => once(path, () => fresh.pipeline(path)), saes: (paths) => once(String(paths), () => fresh.saes(paths)) };
});
afterAll(async () => { await rm(folder, { recursive: true }); });

const edit = { site: 'mid_block.attentions.0', concept: 3, add: 2, where: 'left', during: 'early' };

async function planOf(changed: object = {}, experiment: object = {}): Promise<SpecPlan> {
  const text = JSON.stringify({
    dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a red house, meadow', seeds: [0, 1], steps: 10 },
    experiments: { a: { edits: [edit], measure: ['mse'], ...experiment }, b: { edits: [edit] } }, sweeps: { s: { of: 'a', vary: { '/edits/0/add': [2, 4] } } }, ...changed,
  });
  return planSpec(parseSpec(text, join(folder, 'a.dmi.json')), models);
}

/** What a run of a plan would have left behind. */
function outcomeOf({ name, groups, without }: ExperimentPlan, { parsed, store }: SpecPlan): ExperimentOutcome {
  const runs = groups.map(({ plans }) => plans.map(({ key, definition: { sample: { seed } } }) => ({ seed, folder: store.folderOf(key) })));
  const drawn = groups.flatMap(({ role }, index) => (role.kind === 'control' ? [{ control: role.control, draw: role.draw, runs: runs[index] }] : []));
  return fakeOutcome({ name, specFile: parsed.file, baseline: runs[0], edited: runs[1], controls: [{ control: 'identity', draw: 0, runs: runs[0] }, ...drawn], without: without.map(({ control, reason }) => ({ control, reason: english(reason), reasonPhrase: reason })), measures: { mse: fakeMeasure(0.5) } });
}

test('outcomes are read as far as there are any, and one that the spec has left behind is told as such', async () => {
  const plan = await planOf();
  const { experiments: [a], sweeps: [s] } = await planExperiments(plan);
  expect(await readStudies(plan)).toMatchObject({ experiments: [{ name: 'a', outcome: undefined, stale: false }, { name: 'b', outcome: undefined }], sweeps: [{ name: 's', outcome: undefined }] });

  const outcome = outcomeOf(a, plan);
  await storeExperiment(plan.folder, outcome);
  await storeSweep(plan.folder, {
    format: 1, name: 's', of: 'a', specFile: plan.parsed.file, axes: [{ pointer: '/edits/0/add', values: [2, 4] }],
    cells: s.cells.map((cell) => ({ at: [...cell.at], outcome: outcomeOf(cell.plan, plan) })), cost: outcome.cost,
  });
  expect(await readStudies(plan)).toMatchObject({ experiments: [{ outcome, stale: false }, { outcome: undefined }], sweeps: [{ outcome: { name: 's' }, stale: false }] });

  const others: SpecPlan[] = [
    await planOf({ sample: { prompt: 'a tree', seeds: [0, 1], steps: 10 } }), await planOf({}, { edits: [{ ...edit, where: 'right' }] }), await planOf({}, { measure: ['mse', 'ssim'] }),
    await planOf({}, { expect: { mse: { max: 1 } } }), await planOf({}, { why: 'else' }), await planOf({}, { controls: ['identity'] }),
  ];
  for (const other of others) expect((await readStudies(other)).experiments[0]).toMatchObject({ outcome: { name: 'a' }, stale: true });
  expect((await readStudies(await planOf({ sweeps: { s: { of: 'a', vary: { '/edits/0/add': [2, 5] } } } }))).sweeps[0].stale).toBe(true);
});

test('a part of the spec that means nothing any more makes no other part out of date', async () => {
  const experiments = { a: { edits: [edit], measure: ['mse'] }, b: { edits: [edit], measure: ['mse'] } };
  const plan = await planOf({ experiments });
  const asked = await planExperiments(plan);
  for (const experiment of asked.experiments) await storeExperiment(plan.folder, outcomeOf(experiment, plan));
  const staleOf = async (b: object): Promise<boolean[]> => (await readStudies(await planOf({ experiments: { ...experiments, b: { ...experiments.b, ...b } } }))).experiments.map(({ stale }) => stale);
  await writeFile(join(folder, 'no-picture.png'), 'text');
  expect(await staleOf({})).toEqual([false, false]);
  expect(await staleOf({ edits: [{ ...edit, where: { concept: 3 }, branch: 'uncond' }], measure: ['inside.mse'] })).toEqual([false, true]); // a region that no run records
  expect(await staleOf({ edits: [{ ...edit, where: { mask: 'no-picture.png' } }] })).toEqual([false, true]);
});

test('an outcome that would be measured otherwise by now is out of date, though its runs are the same', async () => {
  const neutral = { edits: [edit, { ...edit, add: 0, where: 'left' }], measure: ['mse', 'inside.mse'] }; // the second changes no run, but belongs to the region
  const plan = await planOf({}, neutral);
  const { experiments: [a] } = await planExperiments(plan);
  const { judge } = await resolveFolders(plan.parsed);
  const outcome = { ...outcomeOf(a, plan), measures: { mse: fakeMeasure(0.5), 'inside.mse': fakeMeasure(0.5) }, inputs: measureKey(a, 'a red house, meadow', await openJudgeFolder(judge ?? ''), () => undefined) };
  await storeExperiment(plan.folder, outcome);
  expect((await readStudies(plan)).experiments[0].stale).toBe(false);
  const moved = await planOf({}, { ...neutral, edits: [edit, { ...edit, add: 0, where: 'top' }] });
  expect((await planExperiments(moved)).experiments[0].groups.map(({ plans }) => plans[0].key)).toEqual(a.groups.map(({ plans }) => plans[0].key));
  expect((await readStudies(moved)).experiments[0].stale).toBe(true);
});

test('an outcome that is damaged is told and stops nothing', async () => {
  const plan = await planOf();
  const { experiments: [a] } = await planExperiments(plan);
  const { folder: place, outcome } = await storeExperiment(plan.folder, outcomeOf(a, plan));
  for (const text of ['{', '[]', JSON.stringify({ ...outcome, seeds: [0] }), JSON.stringify({ ...outcome, prompt: 1 })]) {
    await writeFile(join(place, 'experiment.json'), text);
    const [part] = (await readStudies(plan)).experiments;
    expect(part.outcome).toBeUndefined();
    expect(part.fault?.text).toMatch(/./);
  }
});
