import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { EditDefinition } from '../../src/experiment/editDefinition.ts';
import { executeRun } from '../../src/experiment/executeRun.ts';
import { executeRuns } from '../../src/experiment/executeRuns.ts';
import { freshModels } from '../../src/experiment/modelLibrary.ts';
import type { ModelLibrary } from '../../src/experiment/modelLibrary.ts';
import { withEdits } from '../../src/experiment/plan.ts';
import { planSpec } from '../../src/experiment/planSpec.ts';
import type { SpecPlan } from '../../src/experiment/planSpec.ts';
import type { AskedRun } from '../../src/experiment/prefixTree.ts';
import { RunStore } from '../../src/experiment/runStore.ts';
import type { TracingModel } from '../../src/experiment/tracingModel.ts';
import { parseSpec } from '../../src/spec/parseSpec.ts';
import { scenesFolder } from '../support/scenes.ts';

const seeds = [0, 1, 2, 3];
const steps = 8;
/** Seeds that PyTorch makes, too: a naive loop over all would take minutes. */
const torchSeeds: readonly number[] = [0];
const site = 'mid_block.attentions.0';
const concepts = [3, 70];
const windows = [[0.6, 1], [0.2, 0.6], [0, 0.2]];
const strengths = [1, 2, 4, 8];
const draws = [0, 1, 2];
const script = fileURLToPath(new URL('../../test/bench/sweepTorch.py', import.meta.url));

/**
 * A sweep of 3 windows x 4 strengths x 4 seeds with its controls (identity, three draws of a random concept and of a shuffled region), every run stored with its picture and the
 * codes of a site: shared prefixes over a loop that makes each run from its first step on, on one loaded model; and the loop of the first seed in PyTorch and diffusers with
 * hooks over our sweep up to its end. Previews and codes of the first step alone: the fewest that can be recorded.
 */
export async function bench(): Promise<Record<string, number | null>> {
  const folder = await mkdtemp(join(tmpdir(), 'dmi-bench-'));
  try {
    return await withModel(folder, async (models, plan, model) => {
      const signal = new AbortController().signal;
      const loop = await RunStore.open(join(folder, 'loop', 'runs'));
      const naive = async (of: readonly number[]): Promise<number> => milliseconds(async () => {
        for (const { plan: run } of of.flatMap((seed) => sweepOf(plan, seed))) await executeRun(run, model, await loop.begin(run.key), { signal });
      });
      // Half of the loop before and half after: what else the machine does meets both.
      const before = await naive(seeds.slice(0, 2));
      const asked = seeds.flatMap((seed) => sweepOf(plan, seed));
      const started = performance.now();
      let besideTorch = 0;
      const shared = await milliseconds(() => executeRuns(asked, plan, {
        models, signal,
        onRunFinished: ({ manifest: { definition: { sample } } }) => { if (torchSeeds.includes(sample.seed)) besideTorch = performance.now() - started; },
      }));
      const after = await naive(seeds.slice(2));
      process.stderr.write(`  ${asked.length} runs: shared ${(shared / 1000).toFixed(1)} s, loop ${((before + after) / 1000).toFixed(1)} s\n`);
      const torch = await torchTime(folder, torchSeeds.map((seed) => ({ seed, asked: sweepOf(plan, seed) })));
      return { sweep_over_naive: shared / (before + after), sweep_vs_torch: torch === undefined ? null : torch / besideTorch };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Plan on Scenes, and do something with the one model that everything is made with. */
async function withModel<T>(folder: string, task: (models: ModelLibrary, plan: SpecPlan, model: TracingModel) => Promise<T>): Promise<T> {
  const fresh = freshModels();
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'sweep.dmi.json');
  const text = JSON.stringify({
    dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a red house left and a blue tree right, meadow', seeds, steps, guidanceScale: 5 }, trace: { sites: [site], steps: [0] },
  });
  await writeFile(path, text);
  const plan = await planSpec(parseSpec(text, path), fresh);
  const saes = [...plan.saes.values()].flatMap(({ sae }) => (sae.site === site ? [sae] : []));
  return fresh.use({ pipeline: plan.pipeline, saes, editable: saes, branch: 'cond', cacheFolder: join(plan.folder, 'cache') }, async (model) => {
    const models: ModelLibrary = { ...fresh, use: (_, use) => use(model) };
    const [{ plan: run }] = plan.runs;
    const warm = await RunStore.open(join(folder, 'warm', 'runs'));
    await executeRun(run, model, await warm.begin(run.key), { signal: new AbortController().signal });
    return task(models, plan, model);
  });
}

/** Every run of one seed, as often as it is asked for. */
function sweepOf({ runs, saes, timesteps }: SpecPlan, seed: number): AskedRun[] {
  const hashes = new Map([...saes].map(([name, { sae }]) => [name, sae.hash]));
  const [{ plan }] = runs.filter(({ plan: { definition } }) => definition.sample.seed === seed);
  const variants = windows.flatMap(([low, high]) => strengths.flatMap((amount): AskedRun[] => {
    const inForce = [...timesteps.keys()].filter((step) => timesteps[step] / 1000 >= low && timesteps[step] / 1000 <= high);
    const edit: EditDefinition = { site, concepts, operation: 'set', amount, unit: 'mean', where: 'right', elsewhere: 'keep', branch: 'cond', steps: inForce };
    const name = `${low} ${amount}`;
    return [
      { plan: withEdits(plan, [edit], hashes), role: name },
      { plan, role: `${name}: identity` },
      ...draws.map((draw) => ({ plan: withEdits(plan, [{ ...edit, writes: concepts.map((concept) => concept + 100 * (draw + 1)) }], hashes), role: `${name}: random-concept ${draw}` })),
      ...draws.map((draw) => ({ plan: withEdits(plan, [{ ...edit, shuffle: draw }], hashes), role: `${name}: shuffled-region ${draw}` })),
    ];
  }));
  return [{ plan, role: 'baseline' }, ...variants];
}

/** Milliseconds that PyTorch takes for sweeps of some seeds; undefined where the interpreter named by DMI_PYTHON, else python3, has no diffusers. */
async function torchTime(folder: string, sweeps: readonly { readonly seed: number; readonly asked: readonly AskedRun[] }[]): Promise<number | undefined> {
  const python = process.env.DMI_PYTHON ?? 'python3';
  if (spawnSync(python, ['-c', 'import torch, diffusers, safetensors, PIL']).status !== 0) return undefined;
  const child = spawn(python, [script, scenesFolder, join(scenesFolder, 'saes', site), site, steps, availableParallelism(), folder].map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ask = async (seed: number, runs: readonly object[]): Promise<number> => {
    child.stdin.write(`${JSON.stringify({ seed, runs })}\n`);
    return Number((await answers.next()).value);
  };
  let sum = 0;
  for (const { seed, asked } of sweeps) {
    const runs = asked.map(({ plan: { definition: { edits = [{ steps: [] }] } } }) => edits[0]);
    await ask(seed, runs.slice(0, 1)); // the first run allocates
    sum += await ask(seed, runs);
  }
  child.stdin.end();
  return sum;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
