import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { encodePng } from '../../src/diffusion/png.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { freshModels } from '../../src/experiment/modelLibrary.ts';
import { planSpec } from '../../src/experiment/planSpec.ts';
import { RunInProgress } from '../../src/experiment/runInProgress.ts';
import { RunStore } from '../../src/experiment/runStore.ts';
import { encodeTrace } from '../../src/experiment/traceFile.ts';
import type { TracingModel } from '../../src/experiment/tracingModel.ts';
import { TraceRecorder } from '../../src/experiment/traceRecorder.ts';
import { openInstrumentedUnet } from '../../src/instrument/instrumentUnet.ts';
import { hashSae, saeFolders } from '../../src/sae/loadSaes.ts';
import { parseSpec } from '../../src/spec/parseSpec.ts';
import { writeRandomSaes } from '../support/randomSaes.ts';
import { privateMegabytes, watchPeak } from './privateMemory.ts';

/** Where `recipes/large/make.py` puts its pipeline, or another of that size. */
const model = resolve(process.env.DMI_LARGE ?? 'recipes/large/.cache/sd14');
const saes = `${model}-saes`;
const sites = ['down_blocks.2.attentions.1', 'mid_block.attentions.0', 'up_blocks.1.attentions.0'];
const steps = 50;
const rounds = 3;

type Measured = Record<`large_${string}`, number | null>;

/**
 * A pipeline of the size of Stable Diffusion 1.4 with SAEs of 5120 concepts at three sites, as `dmi run` loads and asks it: a guided generation of 50 steps at 512 x 512. Nothing where the
 * pipeline has not been made.
 */
export async function bench(): Promise<Measured> {
  if (await stat(join(model, 'model_index.json')).catch(() => undefined) === undefined) {
    process.stderr.write(`  no pipeline in ${model}: python recipes/large/make.py makes one (4 GB)\n`);
    return {};
  }
  const scratch = await mkdtemp(join(dirname(model), 'bench-')); // a spec names what lies in its workspace
  process.env.XDG_CACHE_HOME = scratch; // whatever is known of the model's files is forgotten
  try {
    if (await stat(saes).catch(() => undefined) === undefined) await writeRandomSaes(saes, model, { n: 5120, k: 32, sites });
    const firstHash = await seconds(async () => {
      await (await openPipelineFolder(model)).hash();
      for (const folder of await saeFolders(saes)) await hashSae(folder);
    });
    return { large_first_hash_seconds: firstHash, ...await load(scratch) };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function load(folder: string): Promise<Measured> {
  const path = join(folder, 'large.dmi.json');
  const text = JSON.stringify({ dmi: 1, model: relative(folder, model), saes: [relative(folder, saes)], sample: { prompt: 'a photo of an astronaut riding a horse', seeds: [0], steps, guidanceScale: 7.5 }, trace: { sites } });
  await mkdir(folder, { recursive: true });
  await writeFile(path, text);
  const models = freshModels();
  const before = await privateMegabytes();
  const started = performance.now();
  const plan = await planSpec(parseSpec(text, path), models);
  const request = { pipeline: plan.pipeline, saes: [...plan.saes.values()].map(({ sae }) => sae), branch: 'cond' as const, cacheFolder: join(folder, 'cache') };
  return models.use(request, async (loaded) => {
    const [{ plan: run }] = plan.runs;
    const store = await RunStore.open(join(folder, 'runs'));
    const inProgress = await RunInProgress.begin(run, loaded, await store.begin(run.key));
    const ready = (performance.now() - started) / 1000;
    return { large_load_seconds: ready, ...await ask(loaded, inProgress, before) };
  });
}

/** Steps, traced and not, taken in turns. */
async function ask(model: TracingModel, { generation }: RunInProgress, before: number | null): Promise<Measured> {
  const { timestep, conditioning } = generation;
  const sample = generation.input();
  const traced = (): ReturnType<TracingModel['predict']> => model.predict(sample, timestep, conditioning);
  const [first] = [await milliseconds(traced)]; // reads the weights
  const peak = watchPeak();
  const { taps } = await traced();
  const [most, after] = [await peak(), await privateMegabytes()];

  const plain = await openInstrumentedUnet(model.pipeline.folder.components.unet.path, { taps: [], encoders: [], branch: 'cond' });
  const untraced = (): Promise<unknown> => plain.predict(sample, timestep, conditioning);
  await untraced();
  const [wall, cpu]: [number[], number[]] = [[], []];
  const step = { traced: 0, untraced: 0 };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? ['traced', 'untraced'] as const : ['untraced', 'traced'] as const; // neither always follows the other
    const spent = { traced: 0, untraced: 0 };
    for (const which of order) {
      const start = process.cpuUsage();
      step[which] = await milliseconds(which === 'traced' ? traced : untraced);
      const { user, system } = process.cpuUsage(start);
      spent[which] = user + system;
    }
    process.stderr.write(`  step: traced ${(step.traced / 1000).toFixed(2)} s, ${(spent.traced / 1e6).toFixed(2)} s of CPU; untraced ${(step.untraced / 1000).toFixed(2)} s, ${(spent.untraced / 1e6).toFixed(2)} s\n`);
    wall.push(step.traced / step.untraced);
    cpu.push(spent.traced / spent.untraced);
  }
  await plain.close();

  const { signal } = new AbortController();
  const latents = generation.snapshot().latents;
  const fit = await milliseconds(() => model.linearPreview(latents, signal));
  const previews: number[] = [];
  for (let i = 0; i < 9; i++) previews.push(await milliseconds(async () => encodePng(await model.linearPreview(latents, signal))));
  return {
    large_private_mb: before === null || after === null ? null : after - before,
    large_peak_mb: before === null || most === null ? null : most - before,
    large_first_step_seconds: first / 1000, large_step_seconds: step.traced / 1000,
    large_traced_over_untraced: median(wall), large_traced_over_untraced_cpu: median(cpu),
    large_preview_over_step: median(previews) / step.traced, large_preview_fit_seconds: fit / 1000,
    large_trace_mb: traceBytes(model, taps, timestep) / 2 ** 20,
  };
}

/** Of a trace of every step; what is in it does not change how long it is. */
function traceBytes(model: TracingModel, taps: Awaited<ReturnType<TracingModel['predict']>>['taps'], timestep: number): number {
  const [, , height, width] = model.pipeline.latentShape;
  const recorder = new TraceRecorder(model.saes, ['cond'], Array.from({ length: steps }, (_, step) => step), [height, width]);
  for (let step = 0; step < steps; step++) recorder.record(step, timestep, taps);
  return encodeTrace(recorder.finish(), {}).length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  return await milliseconds(work) / 1000;
}
