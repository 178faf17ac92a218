import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import type { ActivationBuffer } from './activationBuffer.ts';
import { writeSaelens } from './writeSaelens.ts';
import { encodeSidecar, readSidecar, sidecarName } from './sidecar.ts';
import type { SaeSidecar } from './sidecar.ts';
import { trainKey, trainSae } from './trainSae.ts';
import type { TrainedSae, TrainRecipe } from './trainSae.ts';

/** SAEs for several sites, from one buffer. */
export interface TrainSitesJob {
  readonly buffer: ActivationBuffer;
  /** What the buffer's content is decided by. */
  readonly bufferKey: string;
  readonly sites: readonly string[];
  readonly recipe: TrainRecipe;
  readonly model: { readonly name: string; readonly hash: string };
  /** Each SAE becomes a folder in it, named after its site. */
  readonly out: string;
  /** Holds checkpoints, and marks of what is finished. */
  readonly work: string;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (site: string, step: number, total: number) => void;
}

/**
 * Train and save one SAE per site, one after the other; those an earlier call has finished with the same settings are left as they are.
 * @returns their sidecars, by site. @throws CancelledError, InputError as `trainSae`
 */
export async function trainSites(job: TrainSitesJob): Promise<Map<string, SaeSidecar>> {
  const sidecars = new Map<string, SaeSidecar>();
  await mkdir(job.work, { recursive: true });
  for (const site of job.sites) {
    const folder = join(job.out, site);
    const key = trainKey({ ...job, site });
    const mark = join(job.work, `${site}.done`);
    const finished = await readFile(mark, 'utf8').catch(() => undefined) === key
      ? await readSidecar(folder).catch(() => undefined) // deleted since: train it again
      : undefined;
    const sidecar = finished ?? await trainSite(job, site, folder);
    await writeFileAtomic(mark, key);
    sidecars.set(site, sidecar);
  }
  return sidecars;
}

async function trainSite({ buffer, bufferKey, recipe, model, work, threads, signal, onStep }: TrainSitesJob, site: string, folder: string): Promise<SaeSidecar> {
  const { weights, quality } = await trainSae({
    buffer, bufferKey, site, recipe, checkpoint: join(work, `${site}.safetensors`),
    ...(threads !== undefined && { threads }), ...(signal && { signal }), ...(onStep && { onStep: (step, total) => { onStep(site, step, total); } }),
  });
  const sidecar: SaeSidecar = {
    format: 1, site, activation: 'update', branch: 'cond', tRange: [0, 1], modelHash: model.hash, k: recipe.k, trainedCells: recipe.cells,
    ...summary(quality),
  };
  await writeSaelens(folder, weights, { k: recipe.k, site, model: model.name });
  await writeFileAtomic(join(folder, sidecarName), encodeSidecar(sidecar));
  return sidecar;
}

/** The sidecar's numbers: quality over all cells measured, statistics per concept. */
function summary({ cells, fvu, evPerDimension, l0, dead, density, mean, max }: TrainedSae['quality']): Pick<SaeSidecar, 'statistics' | 'quality'> {
  return {
    statistics: { mean: [...mean], density: [...density], max: [...max] },
    quality: { cells, fvu, evPerDimension, l0, dead: dead[dead.length - 1].share },
  };
}
