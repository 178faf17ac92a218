import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../src/base/errors.ts';
import { fileError } from '../../src/base/fileBytes.ts';
import type { ExperimentStep, RunResult } from '../../src/experiment/executeOptions.ts';
import { executeRuns } from '../../src/experiment/executeRuns.ts';
import { writeDurably } from '../../src/experiment/fileBatch.ts';
import { latentsAfter, readLatents } from '../../src/experiment/latentsFile.ts';
import { freshModels } from '../../src/experiment/modelLibrary.ts';
import { prefixTree } from '../../src/experiment/prefixTree.ts';
import type { StoredRun } from '../../src/experiment/runStore.ts';
import { variantsAtOnce } from '../../src/experiment/variantsAtOnce.ts';
import { countingModels, editedSite, midEdit, sweepOf, sweepPlan } from '../support/sweeps.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const { signal } = new AbortController();

function finished(result: RunResult | undefined): StoredRun {
  if (result?.kind !== 'finished') throw new Error(result === undefined ? 'no result' : result.fault.describe());
  return result.run;
}

/** Every file of a run but its manifest, by name. */
async function filesOf({ folder, manifest }: StoredRun): Promise<Map<string, Buffer>> {
  return new Map(await Promise.all(Object.keys(manifest.files).sort().map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

describe('runs with edits', () => {
  it('are the same, bit for bit, whether they share what they have in common or each is made alone', async () => {
    const folder = await temporaryFolder();
    const models = countingModels();
    const plan = await sweepPlan(join(folder, 'shared'), { models });
    const asked = sweepOf(plan);
    const shared = await executeRuns(asked, plan, { models, signal });
    const { unetCalls } = prefixTree(asked);
    expect(models.calls()).toBe(unetCalls);
    expect(unetCalls).toBeLessThan(0.65 * asked.length * 6);

    const pictures = new Set<string>();
    for (const [index, { plan: { key }, role }] of asked.entries()) {
      const alone = await sweepPlan(join(folder, String(index)), { models });
      const before = models.calls();
      const single = finished((await executeRuns([asked[index]], alone, { models, signal })).get(key));
      expect(models.calls() - before).toBe(6);
      const together = finished(shared.get(key));
      const [theirs, ours] = [await filesOf(single), await filesOf(together)];
      expect([...ours.keys()]).toEqual([...theirs.keys()]);
      for (const [name, bytes] of theirs) expect(Buffer.compare(bytes, ours.get(name) ?? Buffer.of()), `${role}: ${name}`).toBe(0);
      expect(together.manifest.timesteps).toEqual(single.manifest.timesteps);
      expect(single.manifest.shared).toBeUndefined();
      pictures.add(theirs.get('latents.safetensors')?.toString('base64') ?? '');
    }
    // Every edit did something.
    expect(pictures.size).toBe(asked.length);
    const late = finished(shared.get(asked[1].plan.key));
    expect(late.manifest.shared).toEqual({ run: asked[0].plan.key, steps: 4 });
    expect(Object.keys(late.manifest.files).filter((name) => name.startsWith('previews/'))).toHaveLength(6);
  }, 120_000);

  it('are the same, too, where several go through the U-Net at once, as long as a batch gives each the answer that it gets alone', async () => {
    const folder = await temporaryFolder();
    const edits = Object.fromEntries([1, 4, 9, 20, 30].map((amount) => [`by ${amount}`, [midEdit([1, 2], { amount })]]));
    const one = await sweepPlan(join(folder, 'one'), { steps: 4 });
    const singly = await executeRuns(sweepOf(one, edits), one, { models: countingModels(), signal });

    const four = await sweepPlan(join(folder, 'four'), { steps: 4 });
    const models = freshModels();
    const sae = four.saes.get(editedSite)?.sae;
    if (sae === undefined) throw new Error('no SAE');
    let measured: { of: string; sizes: { variants: number; identical: boolean }[] } | undefined;
    const cacheFolder = join(four.folder, 'cache');
    await models.use({ pipeline: four.pipeline, saes: [sae], editable: [sae], branch: 'cond', cacheFolder }, async (model) => {
      const inputs = await model.editInputs({ masks: new Map(), guided: true });
      await variantsAtOnce(model, { sample: four.runs[0].plan.definition.sample, variants: Object.values(edits), step: 1, inputs, cacheFolder });
      const [name] = await readdir(cacheFolder);
      measured = JSON.parse(await readFile(join(cacheFolder, name), 'utf8')) as typeof measured;
      expect(measured?.sizes.map(({ variants }) => variants)).toEqual([1, 2, 4]);
      await writeFile(join(cacheFolder, name), JSON.stringify({ ...measured, variants: 4 }));
      // Kept, whatever would be measured now.
      expect(await variantsAtOnce(model, { sample: four.runs[0].plan.definition.sample, variants: Object.values(edits), step: 1, inputs, cacheFolder })).toBe(4);
    });
    const together: string[] = [];
    const results = await executeRuns(sweepOf(four, edits), four, { models, signal, atOnce: 4, onStep: ({ role, step, done, total }) => { together.push(`${role} ${step} ${done}/${total}`); } });
    expect(together.slice(4)).toEqual([
      ...[1, 2, 3].flatMap((step, index) => [1, 4, 9, 20].map((amount, variant) => `by ${amount} ${step} ${5 + 4 * index + variant}/19`)),
      ...[1, 2, 3].map((step, index) => `by 30 ${step} ${17 + index}/19`),
    ]);
    for (const { plan: { key } } of sweepOf(one, edits)) {
      const [alone, batched] = [await readLatents(finished(singly.get(key))), await readLatents(finished(results.get(key)))];
      if (measured?.sizes.every(({ identical }) => identical) === true) expect(batched).toEqual(alone);
      else for (const [step, row] of alone.latents.entries()) expect(Math.max(...row.map((value, index) => Math.abs(value - batched.latents[step][index])))).toBeLessThan(1e-3);
    }
  }, 120_000);

  it('keep the latents of every step', async () => {
    const plan = await sweepPlan(await temporaryFolder(), { steps: 3 });
    const [{ plan: { key } }] = sweepOf(plan, {});
    const run = finished((await executeRuns(sweepOf(plan, {}), plan, { models: countingModels(), signal })).get(key));
    expect((await latentsAfter(run, 2))).toHaveLength(4 * 16 * 16);
    expect(await latentsAfter(run, 0)).not.toEqual(await latentsAfter(run, 1));
    await expect(latentsAfter(run, 3)).rejects.toMatchObject({ place: 'latents' });
  });

  it('go on from what is stored: nothing that was finished before a stop is computed again', async () => {
    const folder = await temporaryFolder();
    const models = countingModels();
    const plan = await sweepPlan(folder, { models, seeds: [0, 1] });
    const asked = sweepOf(plan);
    const { unetCalls } = prefixTree(asked);
    const controller = new AbortController();
    const steps: ExperimentStep[] = [];
    const stopped = executeRuns(asked, plan, {
      models, signal: controller.signal,
      onStep: (step) => { steps.push(step); if (steps.length === 20) controller.abort(); },
    });
    await expect(stopped).rejects.toThrow(CancelledError);
    expect(models.calls()).toBe(20);
    const stored = (await readdir(join(folder, '.dmi/runs')));
    expect(stored.every((name) => /^[0-9a-f]{32}$/.test(name))).toBe(true);
    expect(await readdir(join(folder, '.dmi/locks'))).toEqual([]);
    expect(await readdir(join(folder, '.dmi/open'))).toEqual([]);

    const left = prefixTree(asked, new Set(asked.map(({ plan: { key } }) => key).filter((key) => stored.includes(key.slice(0, 32))))).unetCalls;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(unetCalls - 15);
    const again = countingModels();
    const results = await executeRuns(asked, await sweepPlan(folder, { models: again, seeds: [0, 1] }), { models: again, signal });
    expect(again.calls()).toBe(left);
    expect([...results.values()].filter((result) => result.kind === 'finished' && result.run.cached)).toHaveLength(stored.length);

    const all = countingModels();
    await executeRuns(asked, plan, { models: all, signal });
    expect(all.calls()).toBe(0);
  }, 120_000);

  it('tell which run goes on, and what is left to do', async () => {
    const plan = await sweepPlan(await temporaryFolder());
    const asked = sweepOf(plan, { late: [midEdit([4, 5])], 'late, weaker': [midEdit([4, 5], { amount: 1 })] });
    const steps: ExperimentStep[] = [];
    const ended: string[] = [];
    await executeRuns(asked, plan, { models: countingModels(), signal, onStep: (step) => { steps.push(step); }, onRunFinished: (_, role) => { ended.push(role); } });
    expect(steps.map(({ role, step, shared, done, total }) => [role, step, shared, done, total])).toEqual([
      ...[0, 1, 2, 3, 4, 5].map((step) => ['baseline', step, 0, step + 1, 10]),
      ['late', 4, 4, 7, 10], ['late', 5, 4, 8, 10], ['late, weaker', 4, 4, 9, 10], ['late, weaker', 5, 4, 10, 10],
    ]);
    expect(ended).toEqual(['baseline', 'late', 'late, weaker']);
    expect(steps[0].secondsLeft).toBeGreaterThan(0);
    expect(steps[4].secondsLeft).toBeGreaterThan(0);
    expect(steps.at(-1)?.secondsLeft).toBe(0);
  });

  it('that end with NaN are told with step and site, leave nothing, and do not stop the others', async () => {
    const folder = await temporaryFolder();
    const plan = await sweepPlan(folder);
    const asked = sweepOf(plan, { extreme: [midEdit([3, 4], { amount: 3e38, unit: 'raw' })], 'extreme, later too': [midEdit([3], { amount: 3e38, unit: 'raw' }), midEdit([5])], late: [midEdit([4, 5])] });
    const failed: string[] = [];
    const models = countingModels();
    const results = await executeRuns(asked, plan, { models, signal, onRunFailed: (_, { message }, role) => { failed.push(`${role}: ${message}`); } });
    const [baseline, extreme, later, late] = asked.map(({ plan: { key } }) => results.get(key));
    expect(baseline?.kind).toBe('finished');
    expect(late?.kind).toBe('finished');
    expect(later?.kind).toBe('failed');
    expect(extreme).toMatchObject({ kind: 'failed', fault: { step: 3, place: expect.stringMatching(/^\w+\.\S+, step 3 \(timestep \d+\)$/) as string, remedy: `Lower the amounts of the edits at ${editedSite}.` } });
    // What is unedited from there on comes first.
    expect(failed).toEqual(['extreme, later too: NaN or infinity in the activations', 'extreme: NaN or infinity in the activations']);
    // The step that failed was asked once: runs that are the same up to there fail with it.
    expect(models.calls()).toBe(6 + 1 + 2);
    expect((await readdir(join(folder, '.dmi/runs'))).sort()).toEqual([asked[0], asked[3]].map(({ plan: { key } }) => key.slice(0, 32)).sort());
    expect(await readdir(join(folder, '.dmi/locks'))).toEqual([]);
  });

  it('stop on a full disk with a clear error, and leave a store that can be read and gone on with', async () => {
    const folder = await temporaryFolder();
    let images = 0;
    const plan = await sweepPlan(folder, {
      write: async (path, content) => {
        if (path.endsWith('image.png') && ++images > 3) throw fileError(Object.assign(new Error(), { code: 'ENOSPC' }), path);
        await writeDurably(path, content);
      },
    });
    const asked = sweepOf(plan);
    await expect(executeRuns(asked, plan, { models: countingModels(), signal })).rejects.toMatchObject({ name: 'InputError', message: 'disk full' });
    const stored = await readdir(join(folder, '.dmi/runs'));
    expect(stored).toHaveLength(3);
    expect(await readdir(join(folder, '.dmi/locks'))).toEqual([]);
    const models = countingModels();
    const results = await executeRuns(asked, await sweepPlan(folder, { models }), { models, signal });
    expect([...results.values()].filter((result) => result.kind === 'finished')).toHaveLength(asked.length);
    expect(models.calls()).toBe(prefixTree(asked, new Set(asked.map(({ plan: { key } }) => key).filter((key) => stored.includes(key.slice(0, 32))))).unetCalls);
  });
});
