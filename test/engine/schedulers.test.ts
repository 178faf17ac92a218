import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/base/safetensors.ts';
import type { RunResult } from '../../src/experiment/executeOptions.ts';
import { executeRuns } from '../../src/experiment/executeRuns.ts';
import { latentsFile } from '../../src/experiment/latentsFile.ts';
import { planSpec } from '../../src/experiment/planSpec.ts';
import { prefixTree } from '../../src/experiment/prefixTree.ts';
import type { StoredRun } from '../../src/experiment/runStore.ts';
import { parseSpec } from '../../src/spec/parseSpec.ts';
import { schedulerNames } from '../../src/spec/schedulerNames.ts';
import { countingModels, midEdit, sweepOf, sweepPlan } from '../support/sweeps.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const { signal } = new AbortController();

function finished(result: RunResult | undefined): StoredRun {
  if (result?.kind !== 'finished') throw new Error(result === undefined ? 'no result' : result.fault.describe());
  return result.run;
}

/** Every file of a run but its manifest, by name. */
async function filesOf({ folder, manifest }: StoredRun): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(Object.keys(manifest.files).sort().map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')] as const)));
}

const edits = { 'in the middle': [midEdit([3], { amount: 12 })] };

/** Scenes predicts noise. */
const noiseSchedulers = schedulerNames.filter((name) => name !== 'flow-euler');

describe.each(noiseSchedulers)('runs sampled by %s', (scheduler) => {
  it('are the same, bit for bit, made alone, sharing what they have in common, and going on from a stored run', async () => {
    const folder = await temporaryFolder();
    const models = countingModels();
    const options = { steps: 5, scheduler, models };
    const together = await sweepPlan(join(folder, 'together'), options);
    const asked = sweepOf(together, edits);
    const [baseline, ...edited] = asked;
    const shared = await executeRuns(asked, together, { models, signal });
    expect(models.calls()).toBe(prefixTree(asked).unetCalls);

    const stored = await sweepPlan(join(folder, 'stored'), options);
    finished((await executeRuns([baseline], stored, { models, signal })).get(baseline.plan.key));
    const resumed = new Map<string, StoredRun>();
    for (const run of edited) resumed.set(run.role, finished((await executeRuns([baseline, run], stored, { models, signal })).get(run.plan.key)));

    for (const [index, run] of edited.entries()) {
      const single = await filesOf(finished((await executeRuns([run], await sweepPlan(join(folder, `alone ${index}`), options), { models, signal })).get(run.plan.key)));
      const [beside, after] = [finished(shared.get(run.plan.key)), resumed.get(run.role)];
      expect(after?.manifest.shared?.steps).toBe(beside.manifest.shared?.steps);
      expect(await filesOf(beside), `${run.role}, shared`).toEqual(single);
      expect(after && await filesOf(after), `${run.role}, from a stored run`).toEqual(single);
    }
  }, 120_000);
});

describe('a stored run', () => {
  it('whose latents are not those that its scheduler comes to is not gone on from', async () => {
    const folder = await temporaryFolder();
    const models = countingModels();
    const plan = await sweepPlan(folder, { steps: 4, scheduler: 'euler-ancestral', models });
    const [baseline, late] = sweepOf(plan, { late: [midEdit([3])] });
    const { folder: runFolder } = finished((await executeRuns([baseline], plan, { models, signal })).get(baseline.plan.key));
    const path = join(runFolder, latentsFile);
    const bytes = await readFile(path);
    bytes[bytes.length - 4 * 4 * 1024 - 2] ^= 1;
    await writeFile(path, bytes);
    const before = models.calls();
    expect(finished((await executeRuns([baseline, late], plan, { models, signal })).get(late.plan.key)).manifest.shared).toBeUndefined();
    expect(models.calls() - before).toBe(4);
  }, 60_000);

  it('holds the guided predictions only where its scheduler goes on from them', async () => {
    for (const [scheduler, names] of [['ddim', ['latents']], ['euler', ['latents']], ['pndm', ['guided', 'latents']]] as const) {
      const plan = await sweepPlan(await temporaryFolder(), { steps: 4, scheduler });
      const [baseline] = sweepOf(plan, {});
      const { folder, manifest } = finished((await executeRuns([baseline], plan, { models: countingModels(), signal })).get(baseline.plan.key));
      const { tensors } = await readSafetensors(join(folder, latentsFile));
      expect([...tensors.keys()].sort(), scheduler).toEqual(names);
      for (const { shape } of tensors.values()) expect(shape).toEqual([manifest.timesteps.length, 4, 16, 16]);
      await rm(folder, { recursive: true });
    }
  }, 60_000);
});

describe('a spec', () => {
  const text = (sample: object, rest: object = {}) => JSON.stringify({ dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a house', steps: 10, ...sample }, ...rest });
  const plan = async (sample: object, rest: object = {}) => planSpec(parseSpec(text(sample, rest), join(await temporaryFolder(), 'a.dmi.json')), countingModels());

  it('that names no scheduler gets that of the pipeline, as if it had named it', async () => {
    const [own, named] = [await plan({}), await plan({ scheduler: 'ddim' })];
    expect(own.runs[0].plan).toEqual(named.runs[0].plan);
    expect(own.resolved.sample.scheduler).toBe('ddim');
  });

  it('counts steps in calls of the U-Net, and traces all of them', async () => {
    const { timesteps, resolved, runs } = await plan({ scheduler: 'heun' });
    expect([timesteps.length, resolved.trace.steps.length, runs[0].plan.calls, runs[0].plan.definition.sample.steps]).toEqual([19, 19, 19, 10]);
  });

  it('may trace only steps that there are', async () => {
    // PNDM of ten steps asks 11 or 19 times, as the pipeline's configuration says: here, that it leaves out no step of Runge and Kutta.
    expect((await plan({ scheduler: 'pndm' }, { trace: { steps: [0, 18] } })).timesteps).toHaveLength(19);
    await expect(plan({ scheduler: 'pndm' }, { trace: { steps: [0, 19] } })).rejects.toMatchObject({ place: expect.stringContaining('trace.steps[1]') as string });
  });

  it('that names a scheduler for another kind of network is told so', async () => {
    await expect(plan({ scheduler: 'flow-euler' })).rejects.toMatchObject({ place: '/_class_name', file: expect.stringContaining('scheduler_config.json') as string });
  });

  it('with rescaled guidance asks for other runs, but not with a rescale of 0', async () => {
    const [plain, none, some] = [await plan({}), await plan({ guidanceRescale: 0 }), await plan({ guidanceRescale: 0.7 })];
    expect(none.runs[0].plan.key).toBe(plain.runs[0].plan.key);
    expect(some.runs[0].plan.definition.sample.guidanceRescale).toBe(0.7);
  });
});
