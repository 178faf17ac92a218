import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { executeRun } from '../../src/experiment/executeRun.ts';
import { planRuns } from '../../src/experiment/plan.ts';
import { RunStore } from '../../src/experiment/runStore.ts';
import { TracingModel } from '../../src/experiment/tracingModel.ts';
import { loadSaeFolder } from '../../src/sae/loadSaes.ts';
import { writeRandomSaes } from '../support/randomSaes.ts';
import { scenesFolder } from '../support/scenes.ts';

const runs = 5;

/**
 * A run as `dmi run` makes it, on a loaded model: every site traced, previews, files flushed to the disk, over the time its sessions spend
 * inside ONNX Runtime; the median of a few. SAEs are random: their weights cost what trained ones cost.
 */
export async function bench(): Promise<Record<string, number | null>> {
  const folder = await mkdtemp(join(tmpdir(), 'dmi-bench-'));
  const pipeline = await openPipelineFolder(scenesFolder);
  await writeRandomSaes(join(folder, 'saes'), scenesFolder, { n: 1024, k: 8 });
  const saes = await loadSaeFolder(join(folder, 'saes'));
  const model = await TracingModel.load(pipeline, saes, 'cond', folder);
  const steps = 30;
  const plans = planRuns({
    sample: { prompt: 'a red house left and a blue tree right, meadow', negativePrompt: '', seeds: Array.from({ length: runs + 1 }, (_, seed) => seed), scheduler: 'ddim', steps, guidanceScale: 5 },
    trace: { sites: saes.map(({ site }) => site), branch: 'cond', steps: Array.from({ length: steps }, (_, step) => step), top: 24, always: {} },
    calls: steps,
  }, await pipeline.hash(), new Map(saes.map(({ site, hash }) => [site, hash])), model.provider);
  try {
    const store = await RunStore.open(join(folder, 'runs'));
    const ratios: number[] = [];
    for (const plan of plans) {
      const { manifest: { timings } } = await executeRun(plan, model, await store.begin(plan.key), { signal: new AbortController().signal });
      ratios.push(timings.totalMs / timings.sessionMs);
    }
    const warm = ratios.slice(1).sort((a, b) => a - b); // the first run warms up
    return { run_over_session: warm[Math.floor(runs / 2)] };
  } finally {
    await model.close();
    await rm(folder, { recursive: true });
  }
}
