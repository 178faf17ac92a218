import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode as decodePng, encode as encodePng } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { phrase } from '../../../src/base/phrase.ts';
import { freshModels, type ModelLibrary } from '../../../src/experiment/modelLibrary.ts';
import { planSpec } from '../../../src/experiment/planSpec.ts';
import { parseSpec } from '../../../src/spec/parseSpec.ts';
import { allExperiments, askedRuns, type StudyPlan } from '../../../src/study/experimentPlan.ts';
import { checkJudge, judgeNeeds } from '../../../src/study/judgeOf.ts';
import { planExperiments } from '../../../src/study/planExperiments.ts';
import { scenesFolder } from '../../support/scenes.ts';

const site = 'mid_block.attentions.0';
/** Has concepts labelled house, which the first has not. */
const labelled = 'up_blocks.0.attentions.1';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dmi-plan-'));
  await writeFile(join(folder, 'mask.png'), encodePng({ width: 4, height: 2, data: Uint8Array.of(255, 255, 0, 0, 255, 255, 0, 0), channels: 1 }));
  await writeFile(join(folder, 'same.png'), encodePng({ width: 4, height: 2, data: decodePng(encodePng({ width: 4, height: 2, data: Uint8Array.of(255, 255, 0, 0, 255, 255, 0, 0), channels: 1 })).data, channels: 1, text: { a: 'b' } }));
});
afterAll(async () => { await rm(folder, { recursive: true }); });

/** Reads the model once for all tests. */
const fresh = freshModels();
const pipelines = new Map<string, ReturnType<ModelLibrary['pipeline']>>();
const saes = new Map<string, ReturnType<ModelLibrary['saes']>>();
const models: ModelLibrary = {
  ...fresh,
  pipeline: (path) => pipelines.get(path) ?? pipelines.set(path, fresh.pipeline(path)).get(path) ?? fresh.pipeline(path),
  saes: (paths) => saes.get(String(paths)) ?? saes.set(String(paths), fresh.saes(paths)).get(String(paths)) ?? fresh.saes(paths),
};

/** Ten steps at t 0.9, 0.8 and so on, two seeds. */
async function plan(parts: object, only?: readonly string[]): Promise<{ study: StudyPlan; spec: Awaited<ReturnType<typeof planSpec>> }> {
  const text = JSON.stringify({ dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a red house, meadow', seeds: [0, 1], steps: 10 }, ...parts });
  const spec = await planSpec(parseSpec(text, join(folder, 'a.dmi.json')), models);
  return { spec, study: await planExperiments(spec, only) };
}

const edit = { site, concept: 3, add: 2, where: 'left', during: 'early' };
const experiments = (...edits: object[]): object => ({ experiments: { a: { edits } } });

async function faultOf(work: Promise<unknown>): Promise<InputError> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

describe('an experiment', () => {
  test('has its controls without asking: unedited, edited, three random concepts, three shuffled regions', async () => {
    const { study: { experiments: [a] }, spec } = await plan(experiments(edit));
    expect(a.groups.map(({ role }) => role)).toEqual([
      { kind: 'baseline' }, { kind: 'edited' },
      ...['random-concept', 'shuffled-region'].flatMap((control) => [0, 1, 2].map((draw) => ({ kind: 'control', control, draw }))),
    ]);
    expect(a.identity).toBe(true);
    expect(a.groups[0].plans).toEqual(spec.runs.map((run) => run.plan));
    const keys = a.groups.flatMap(({ plans }) => plans.map(({ key }) => key));
    expect(new Set(keys).size).toBe(16);
    // Identity is one more ask, for runs that are there already.
    expect(askedRuns({ experiments: [a], sweeps: [], masks: new Map() })).toHaveLength(18);
    expect(a.edits).toMatchObject([{ site, concepts: [3], operation: 'add', amount: 2, unit: 'mean', where: 'left', elsewhere: 'keep', branch: 'cond', steps: [0, 1, 2, 3] }]);
  });

  test('counts time in what the timesteps of its scheduler count to', async () => {
    const { spec } = await plan(experiments(edit));
    expect(spec.trainTimesteps).toBe(1000);
    const { experiments: [a] } = await planExperiments({ ...spec, trainTimesteps: 1250 }); // t 0.72, 0.64, 0.56 and so on
    expect(a.edits[0].steps).toEqual([0, 1]);
  });

  test('an empty list of controls is none, and what does not apply is said', async () => {
    const none = await plan({ experiments: { a: { edits: [edit], controls: [] } } });
    expect([none.study.experiments[0].groups.length, none.study.experiments[0].identity]).toEqual([2, false]);
    const { study: { experiments: [a] } } = await plan(experiments({ ...edit, where: 'everywhere' }));
    expect(a.without).toEqual([{ control: 'shuffled-region', reason: phrase`the edits act everywhere` }]);
  });

  test('edits that change nothing leave the unedited runs', async () => {
    const { study: { experiments: [a] } } = await plan(experiments({ ...edit, add: 0 }, { site, concept: 4, scale: 1 }));
    expect(a.edits).toEqual([]);
    expect(a.groups[1].plans).toEqual(a.groups[0].plans);
    expect([a.groups.length, a.identity, a.without.length]).toEqual([2, false, 3]);
  });

  test('what is ablated elsewhere is a change, though nothing is added', async () => {
    const { study: { experiments: [a] } } = await plan(experiments({ ...edit, add: 0, elsewhere: 'ablate' }));
    expect(a.edits).toHaveLength(1);
    const { study: { experiments: [b] } } = await plan(experiments({ ...edit, add: 0, elsewhere: 'ablate', where: 'everywhere' }));
    expect(b.edits).toHaveLength(0);
  });

  test('equal masks are one, whatever their files are called', async () => {
    const key = async (mask: string): Promise<string> => (await plan({ experiments: { a: { edits: [{ ...edit, where: { mask } }], controls: [] } } })).study.experiments[0].groups[1].plans[0].key;
    expect(await key('mask.png')).toBe(await key('same.png'));
    const { study } = await plan({ experiments: { a: { edits: [{ ...edit, where: { mask: 'mask.png' } }], measure: ['iou:house'] } } });
    expect([...study.masks.values()]).toMatchObject([{ width: 4, height: 2 }]);
    expect(study.experiments[0].regions).toMatchObject([{ fixed: { mask: { width: 4 } } }]);
  });

  test('is measured by what it names and what it expects, each once', async () => {
    const { study } = await plan({ experiments: { a: { edits: [{ ...edit, site: labelled, concept: ['house', 3] }], measure: ['clip', 'mse'], expect: { mse: { max: 1 }, 'presence:house': { min: 0 } } } } });
    expect(study.experiments[0].measures).toEqual(['clip', 'mse', 'presence:house']);
    expect(study.experiments[0].labels).toEqual(['house']);
    expect(judgeNeeds(allExperiments(study))).toEqual({ nouns: true, similarity: true, perceptual: false });
  });

  test('a region that follows a concept is taken at the last step in force that the trace records', async () => {
    const follows = { ...edit, where: { concept: [4, 9], above: 0.3 } };
    const measured = (parts: object): object => ({ ...parts, experiments: { a: { edits: [{ ...edit, where: { concept: 4, above: 0.3 } }], measure: ['iou:house'] } } });
    expect(follows.where.above).toBe(0.3);
    const { study } = await plan(measured({ trace: { steps: [0, 2, 9] } }));
    expect(study.experiments[0].regions).toEqual([{ site, branch: 'cond', concepts: [4], above: 0.3, step: 2 }]);
    const fault = await faultOf(plan(measured({ trace: { sites: ['up_blocks.0.attentions.0'] } })));
    expect(fault.place).toContain('$.experiments.a.edits[0].where');
  });
});

describe('a sweep', () => {
  const sweep = (vary: object, more: object = {}): object => ({ experiments: { a: { edits: [edit], controls: [] } }, sweeps: { s: { of: 'a', vary } }, ...more });

  test('is every combination of its values, the last axis fastest', async () => {
    const { study: { sweeps: [s] } } = await plan(sweep({ '/edits/0/during': ['early', 'late'], '/edits/0/add': [1, 2, 3] }));
    expect(s.cells.map(({ at }) => at.join())).toEqual(['0,0', '0,1', '0,2', '1,0', '1,1', '1,2']);
    expect(s.cells.map(({ plan: { edits: [{ amount, steps }] } }) => `${amount}@${steps[0]}`)).toEqual(['1@0', '2@0', '3@0', '1@8', '2@8', '3@8']);
    expect(s.cells[1].plan.groups[1].plans).toEqual((await plan(sweep({ '/edits/0/add': [2] }))).study.experiments[0].groups[1].plans);
  });

  test('whole edits, concepts and regions vary as well', async () => {
    const { study: { sweeps: [s] } } = await plan(sweep({ '/edits': [[edit], [edit, { site, concept: 8, scale: 0 }]] }));
    expect(s.cells.map(({ plan: { edits } }) => edits.length)).toEqual([1, 2]);
    const { study: { sweeps: [t] } } = await plan(sweep({ '/edits/0/where': ['left', { mask: 'mask.png' }], '/edits/0/concept': ['house'], '/edits/0/site': [labelled] }));
    expect(t.cells).toHaveLength(2);
    expect(t.cells[0].plan.labels).toEqual(['house']);
  });

  test('values that fit alone and not together are an error at the sweep', async () => {
    const fault = await faultOf(plan({ experiments: { a: { edits: [{ site, concept: 3, add: 1 }] } }, sweeps: { s: { of: 'a', vary: { '/edits/0': [{ site, concept: 3, scale: 0 }], '/edits/0/set': [1] } } } }));
    expect(fault.message).toContain('$.edits[0]');
    expect(fault.place).toContain('$.sweeps.s.vary');
  });

  test('a value that names no concept is an error at its place', async () => {
    const vary = { '/edits/0/add': [1, 2], '/edits/0/concept': ['house', 'hous'] };
    const fault = await faultOf(plan({ experiments: { a: { edits: [{ ...edit, site: labelled }] } }, sweeps: { s: { of: 'a', vary } } }));
    expect(fault.message).toContain('with /edits/0/add = 1, /edits/0/concept = "hous": no concept is labelled "hous"; did you mean "house"?');
    expect(fault.place).toContain('$.sweeps.s.vary["/edits/0/concept"][1]');
  });
});

describe('a choice', () => {
  test('takes experiments and sweeps by name', async () => {
    const parts = { experiments: { a: { edits: [edit] }, b: { edits: [edit] } }, sweeps: { s: { of: 'a', vary: { '/edits/0/add': [1] } } } };
    const { study } = await plan(parts, ['b']);
    expect([study.experiments.map(({ name }) => name), study.sweeps.length]).toEqual([['b'], 0]);
    const fault = await faultOf(plan(parts, ['c']));
    expect(fault.message).toContain('no experiment or sweep is called "c"');
    expect(fault.remedy).toBe('Experiments and sweeps here: a, b, s.');
  });
});

describe('the judge is asked before anything is computed', () => {
  const measuring = (measure: string): Promise<{ study: StudyPlan; spec: Awaited<ReturnType<typeof planSpec>> }> => plan({ experiments: { a: { edits: [edit], measure: [measure] } } });

  test.each([
    ['presence:hous', 'the judge does not know "hous"; did you mean "house"?', true],
    ['presence:house', 'the model has no judge', false],
    ['clip', 'the model has no judge', false],
  ])('%s: %s', async (measure, message, judged) => {
    const { spec, study } = await measuring(measure);
    const fault = await faultOf(checkJudge(spec, study, judged ? join(scenesFolder, 'judge') : undefined));
    expect(fault.message).toContain(message);
    expect(fault.place).toContain('$.experiments.a.measure[0]');
  });

  test.each(['presence:red house', 'presence:sketch', 'presence:snow', 'perceptual', 'clip'])('%s can be measured on Scenes', async (measure) => {
    const { spec, study } = await measuring(measure);
    await expect(checkJudge(spec, study, join(scenesFolder, 'judge'))).resolves.toBeUndefined();
  });

  test('arithmetic needs none', async () => {
    const { spec, study } = await measuring('outside.ssim');
    await expect(checkJudge(spec, study, undefined)).resolves.toBeUndefined();
  });
});
