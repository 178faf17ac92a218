import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { phrase } from '../../../src/base/phrase.ts';
import { sha256Text } from '../../../src/base/sha256.ts';
import { encodePng } from '../../../src/diffusion/png.ts';
import type { RunPlan } from '../../../src/experiment/plan.ts';
import type { StoredRun } from '../../../src/experiment/runStore.ts';
import { encodeTrace } from '../../../src/experiment/traceFile.ts';
import { unionOf } from '../../../src/study/askedRegion.ts';
import type { ExperimentPlan, RunGroup } from '../../../src/study/experimentPlan.ts';
import { checkExpectations } from '../../../src/study/expectations.ts';
import { measureExperiment, referencesOf, type MeasureContext, type RunLookup } from '../../../src/study/measureExperiment.ts';
import { RunPictures } from '../../../src/study/runPictures.ts';
import { fakeEdit } from '../../support/fakeOutcome.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const seeds = [0, 1, 2];
let folder: string;
beforeEach(async () => { folder = await temporaryFolder(); });

function planOf(name: string, seed: number): RunPlan {
  const sample = { prompt: '', negativePrompt: '', seed, scheduler: 'ddim' as const, steps: 2, guidanceScale: 5 };
  return { key: sha256Text(`${name} ${seed}`), definition: { engine: 'e', model: 'm', sample, trace: { branch: 'cond', steps: [0, 1] }, saes: {} }, calls: 2 };
}

/** A run that ended in a grey picture of 16 x 16. */
async function grey(plan: RunPlan, level: number): Promise<StoredRun> {
  const path = join(folder, plan.key);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'image.png'), await encodePng({ width: 16, height: 16, data: new Uint8Array(768).fill(level) }));
  return { folder: path, manifest: { key: plan.key, definition: plan.definition } as StoredRun['manifest'] };
}

/** An experiment whose runs have the given grey levels by role and seed; null: failed. */
async function experiment(levels: Record<string, (number | null)[]>, changed: Partial<ExperimentPlan> = {}): Promise<{ plan: ExperimentPlan; lookup: RunLookup; context: MeasureContext }> {
  const runs = new Map<string, StoredRun>();
  const groups: RunGroup[] = [];
  for (const [name, bySeed] of Object.entries(levels)) {
    const plans = seeds.map((seed) => planOf(name, seed));
    for (const [index, plan] of plans.entries()) {
      const level = bySeed[index];
      if (level !== null) runs.set(plan.key, await grey(plan, level));
    }
    const [control, draw] = name.split(' ');
    groups.push({ plans, role: control === 'baseline' || control === 'edited' ? { kind: control } : { kind: 'control', control: control as 'random-concept', draw: Number(draw) } });
  }
  return {
    plan: { name: 'a', why: '', edits: [fakeEdit([0, 1])], groups, without: [], identity: true, regions: [], labels: [], measures: ['mse'], expect: {}, ...changed },
    lookup: (key) => {
      const run = runs.get(key);
      return run === undefined ? { fault: phrase`NaN or infinity in the activations: ${'step 1'}` } : { run };
    },
    context: { judge: undefined, prompt: '', pictures: new RunPictures(), health: new Map(), signal: new AbortController().signal },
  };
}

const square = (levels: number): number => (levels / 255) ** 2;

describe('an experiment is measured', () => {
  test('seed by seed, each run beside the unedited one of its seed', async () => {
    const { plan, lookup, context } = await experiment({ baseline: [0, 100, 200], edited: [51, 100, 251], 'random-concept 0': [0, 151, 200], 'random-concept 1': [51, 100, 200] });
    const { mse } = await measureExperiment(plan, lookup, context);
    const { controls, baseline } = referencesOf(plan, lookup);
    expect(mse.perSeed).toEqual([square(51), 0, square(51)].map((value) => expect.closeTo(value, 9) as number));
    expect(mse.value).toBeCloseTo(square(51) * 2 / 3, 9);
    expect(mse.gain).toEqual({ value: mse.value, low: mse.low, high: mse.high, n: 3 });
    expect(mse.baseline).toBeUndefined(); // it is a comparison with the unedited run
    expect(mse.controls['random-concept']).toMatchObject({ n: 6, draws: 2 });
    expect(mse.controls['random-concept'].value).toBeCloseTo(square(51) * 2 / 6, 9);
    expect(mse.controls['random-concept'].perSeed).toEqual([square(51) / 2, square(51) / 2, 0].map((value) => expect.closeTo(value, 9) as number));
    expect(mse.controls.identity).toMatchObject({ value: 0, low: 0, high: 0, n: 3, draws: 1 });
    expect(controls.map(({ control, draw }) => `${control} ${draw}`)).toEqual(['identity 0', 'random-concept 0', 'random-concept 1']);
    expect(controls[0].runs).toEqual(baseline);
  });

  test('a run that failed leaves a gap and its reason, and no expectation passes', async () => {
    const levels = { baseline: [0, 0, 0], edited: [51, null, 51], 'random-concept 0': [null, null, null] };
    const { plan, lookup, context } = await experiment(levels, { expect: { mse: { min: 0 } } });
    const measures = await measureExperiment(plan, lookup, context);
    const { mse } = measures;
    const { edited } = referencesOf(plan, lookup);
    const expectations = checkExpectations(plan.expect, measures, 1);
    expect(mse.perSeed[1]).toBeNull();
    expect(mse.n).toBe(2);
    expect(edited[1]).toMatchObject({ seed: 1, folder: null, fault: 'NaN or infinity in the activations: step 1', faultPhrase: { values: ['step 1'] } });
    expect(expectations[0]).toMatchObject({ passed: false });
    expect(expectations[0].reason).toContain('1 of the edited runs failed');
    expect(mse.controls['random-concept']).toMatchObject({ value: null, low: null, high: null, n: 0 });
  });

  test('out of distribution: the edited runs beside the unedited ones, which are what identity gives', async () => {
    const { plan, lookup, context } = await experiment({ baseline: [0, 0, 0], edited: [1, 1, 1] }, { measures: ['ood'] });
    const health = new Map(plan.groups[1].plans.map(({ key }, seed) => [key, { norm: 1.5, beyond: 0.25 * seed, unedited: 0.01 }]));
    const { ood } = await measureExperiment(plan, lookup, { ...context, health });
    expect(ood.perSeed).toEqual([0, 0.25, 0.5]);
    expect(ood.baseline?.value).toBeCloseTo(0.01, 12);
    expect(ood.gain.value).toBeCloseTo(0.24, 12);
    expect(ood.normRatio?.value).toBe(1.5);
    expect(ood.controls.identity.gain.value).toBe(0);
  });

  test('a damaged picture names its file', async () => {
    const { plan, lookup, context } = await experiment({ baseline: [0, 0, 0], edited: [1, 1, 1] });
    await writeFile(join(folder, plan.groups[1].plans[0].key, 'image.png'), 'no picture');
    await expect(measureExperiment(plan, lookup, context)).rejects.toThrow('is not the picture of a run');
  });
});

describe('the region of an experiment', () => {
  const halves = [{ fixed: 'left' as const }, { fixed: { box: [0.5, 0, 1, 0.5] as const } }];

  test('is the union of those of its edits', async () => {
    const { at: region } = await unionOf(halves, await grey(planOf('a', 0), 0));
    expect([...region(2, 4)]).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
    expect([...region(1, 2)]).toEqual([1, 0.5]);
  });

  test('follows a concept where it was active at a step of the edited run', async () => {
    const run = await grey(planOf('a', 0), 0);
    // 2 x 2 cells, k = 2. Step 1: concept 3 is 1, 0, 0.05, 0.5 and concept 4 is 0, 0, 0, 0.5.
    const indices = Int32Array.of(3, 0, 3, 0, 3, 0, 3, 0, 3, 0, 0, 1, 3, 0, 3, 4);
    const values = Float32Array.of(0, 0, 9, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0.05, 0, 0.5, 0.5);
    const trace = { steps: [0, 1], timesteps: Float32Array.of(900, 800), sites: [{ site: 'mid', branch: 'cond' as const, height: 2, width: 2, d: 4, n: 8, k: 2, steps: [0, 1], indices, values }] };
    await writeFile(join(run.folder, 'trace.safetensors'), encodeTrace(trace, {}));
    const follows = { site: 'mid', branch: 'cond' as const, above: 0.1, step: 1 };
    const { at: alone } = await unionOf([{ ...follows, concepts: [3] }], run);
    expect([...alone(2, 2)]).toEqual([1, 0, 0, 1]);
    expect([...alone(4, 4)]).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1]);
    expect([...(await unionOf([{ ...follows, concepts: [3, 4], above: 0.9 }], run)).at(2, 2)]).toEqual([1, 0, 0, 1]);
    expect([...(await unionOf([{ ...follows, concepts: [3], above: 0.9 }], run)).at(2, 2)]).toEqual([1, 0, 0, 0]);
    expect([...(await unionOf([{ ...follows, concepts: [3], step: 0 }], run)).at(2, 2)]).toEqual([0, 1, 0, 0]);
    expect([...(await unionOf([{ ...follows, concepts: [7] }], run)).at(2, 2)]).toEqual([0, 0, 0, 0]);
  });

  test('says of how many cells a trace does not tell it, where more latents are active than it holds', async () => {
    const run = await grey(planOf('alone', 0), 0);
    // 2 x 2 cells, k = 2. Concept 3 is 1 in the first; the second leaves it out below 0.5; the third has no more than one active; the fourth leaves it out below 0.05.
    const indices = Int32Array.of(3, 1, 1, 2, 1, 2, 1, 2);
    const values = Float32Array.of(1, 0.2, 2, 0.5, 2, 0, 2, 0.05);
    const trace = { steps: [1], timesteps: Float32Array.of(800), sites: [{ site: 'mid', branch: 'cond' as const, height: 2, width: 2, d: 4, n: 8, k: 2, steps: [1], indices, values }] };
    await writeFile(join(run.folder, 'trace.safetensors'), encodeTrace(trace, {}));
    const follows = { site: 'mid', branch: 'cond' as const, concepts: [3], above: 0.1, step: 1 };
    const unsure = async (region: Partial<typeof follows> & { partly?: true }) => (await unionOf([{ ...follows, ...region }], run)).unsure;
    expect(await unsure({}), 'TopK: what is left out is zero').toBe(0);
    expect(await unsure({ partly: true })).toBe(0.25);
    expect(await unsure({ partly: true, above: 0.6 })).toBe(0);
    expect(await unsure({ partly: true, above: 0.01 })).toBe(0.5);
    expect(await unsure({ partly: true, concepts: [1] }), 'listed in every cell').toBe(0);

    const measured = await experiment({ baseline: [0, 0, 0], edited: [1, 1, 1] }, { measures: ['inside.mse', 'mse'], regions: [{ ...follows, partly: true }] });
    for (const { key } of measured.plan.groups[1].plans) await writeFile(join(folder, key, 'trace.safetensors'), encodeTrace(trace, {}));
    const outcome = await measureExperiment(measured.plan, measured.lookup, measured.context);
    expect(outcome['inside.mse'].definition).toContain('of up to 25 % of its cells');
    expect(outcome.mse.definition).not.toContain('follows a concept');
  });
});
