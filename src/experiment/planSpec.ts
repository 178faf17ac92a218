import { join } from 'node:path';
import { phrase } from '../base/phrase.ts';
import { lostFraction } from '../diffusion/lostFraction.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { createScheduler } from '../diffusion/schedulers/createScheduler.ts';
import { ownScheduler } from '../diffusion/schedulers/ownScheduler.ts';
import type { Provider } from '../onnx/provider.ts';
import type { ParsedSpec } from '../spec/parseSpec.ts';
import { resolveFolders } from '../spec/resolveFolders.ts';
import { resolveSpec } from '../spec/resolveSpec.ts';
import type { ResolvedSpec } from '../spec/resolveSpec.ts';
import type { WriteFile } from './fileBatch.ts';
import { conceptDirectory } from './labelledSaes.ts';
import type { LabelledSae } from './labelledSaes.ts';
import type { ModelLibrary } from './modelLibrary.ts';
import { planRuns } from './plan.ts';
import type { RunPlan } from './plan.ts';
import { RunStore } from './runStore.ts';
import type { StoredRun } from './runStore.ts';
import type { Tell } from './tell.ts';

/** A spec with everything its runs need, and what is known of them before any network is loaded. */
export interface SpecPlan {
  readonly parsed: ParsedSpec;
  /** `.dmi` beside the spec. */
  readonly folder: string;
  readonly pipeline: PipelineFolder;
  /** By site; more than are traced where the spec names sites. */
  readonly saes: ReadonlyMap<string, LabelledSae>;
  readonly resolved: ResolvedSpec;
  readonly store: RunStore;
  /** Scheduler timestep of every step of a run, recorded or not. */
  readonly timesteps: Float64Array;
  /** Of the scheduler: diffusion time t is timestep / trainTimesteps. */
  readonly trainTimesteps: number;
  /** What is to compute the runs. */
  readonly provider: Provider;
  /** One per seed, in the order of the spec. */
  readonly runs: readonly PlannedRun[];
}

/** One generation, computed before or to come. */
export interface PlannedRun {
  readonly plan: RunPlan;
  /** Where it stands or will stand. */
  readonly folder: string;
  /** Absent where it has to be computed. */
  readonly stored: StoredRun | undefined;
}

/**
 * Read what a spec names, and find out which of its runs have been computed before.
 * @param write puts files on the disk; left out: the real one
 * @throws InputError naming what is missing, malformed or does not fit together
 */
export async function planSpec(parsed: ParsedSpec, models: ModelLibrary, write?: WriteFile): Promise<SpecPlan> {
  const folders = await resolveFolders(parsed);
  await models.tell(phrase`reading the model and its SAEs`, 'loading');
  const pipeline = await models.pipeline(folders.model);
  const saes = await models.saes(folders.saes);
  let timesteps = new Float64Array(0);
  let trainTimesteps = 1;
  const resolved = resolveSpec(parsed, conceptDirectory(saes), ({ scheduler: name = ownScheduler(pipeline.components.scheduler), steps }) => {
    const scheduler = createScheduler(name, pipeline.components.scheduler);
    scheduler.setTimesteps(steps);
    timesteps = Float64Array.from(scheduler.timesteps);
    ({ trainTimesteps } = scheduler);
    return { scheduler: name, calls: timesteps.length };
  });
  const folder = join(folders.spec, '.dmi');
  await tellLostFraction(pipeline, timesteps, models.tell);
  await checkFiles(pipeline, models.tell);
  const store = await RunStore.open(join(folder, 'runs'), write);
  const { sites, branch } = resolved.trace;
  const edited = new Set(Object.values(resolved.experiments).flatMap(({ edits }) => edits).map(({ site }) => site));
  const all = [...saes.values()].map(({ sae }) => sae);
  const provider = await models.provider({
    pipeline, saes: all.filter(({ site }) => sites.includes(site)), editable: all.filter(({ site }) => edited.has(site)), branch, cacheFolder: join(folder, 'cache'),
  });
  const plans = planRuns(resolved, await pipeline.hash(), new Map([...saes].map(([site, { sae }]) => [site, sae.hash])), provider);
  const runs: PlannedRun[] = [];
  for (const plan of plans) runs.push({ plan, folder: store.folderOf(plan.key), stored: await store.find(plan.key) });
  return { parsed, folder, pipeline, saes, resolved, store, timesteps, trainTimesteps, provider, runs };
}

/** Nothing is refused for it: optimum rounds the same way, and people may mean to look at just such a model. */
async function tellLostFraction({ components: { unet } }: PipelineFolder, timesteps: Float64Array, tell: Tell): Promise<void> {
  const lost = await lostFraction(unet.path, timesteps);
  if (lost === undefined) return;
  await tell(phrase`${unet.path} takes whole timesteps and is asked at ${Math.trunc(lost)} for ${lost.toFixed(2)}: PyTorch's predictions differ. Export it with a timestep of floats (docs/exporting.md), or take a scheduler of whole timesteps.`, 'warning');
}

/** Between two words about the same work, in milliseconds. */
const sparseMs = 500;

/** Take the hash of a model. Of gigabytes that nobody has read before that takes a while, so it is told how far it is. */
async function checkFiles(pipeline: PipelineFolder, tell: Tell): Promise<void> {
  await tell(phrase`checking the files of the model`, 'loading');
  let toldAt = Date.now();
  await pipeline.hash((done, total) => {
    if (Date.now() - toldAt < sparseMs) return;
    toldAt = Date.now();
    const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
    void tell(phrase`checking the files of the model: ${gigabytes(done)} of ${gigabytes(total)} GB`, 'loading');
  });
}
