import type { Tensor } from '../base/tensor.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { Denoiser } from '../diffusion/denoiser.ts';
import type { LoadedPipeline } from '../diffusion/loadPipeline.ts';
import { sample } from '../diffusion/sample.ts';
import { tapName } from '../instrument/siteFragment.ts';
import { ActivationBuffer } from './activationBuffer.ts';
import type { ActivationRequest } from './activationRequest.ts';
import { drawWithoutRepeat, generatorOf } from './permutation.ts';

/** A request, and the hash of everything that decides the activations. */
export type CollectRequest = Omit<ActivationRequest, 'model' | 'threads' | 'provider'> & { readonly key: string };

/**
 * Fill an activation buffer by sampling: updates of all sites come from one pass over the model. What an earlier call has collected
 * under the same key is kept.
 * @param denoiser answers with the tap of every site's activation [1, d, height, width], see `tapName`
 * @throws CancelledError once the signal is aborted; what is complete stays
 */
export async function collectActivations(pipeline: LoadedPipeline, denoiser: Denoiser, request: CollectRequest): Promise<ActivationBuffer> {
  const { generations, sampling, signal } = request;
  let buffer = await ActivationBuffer.resume(request.folder, request.key, request.sites);
  try {
    for (let generation = buffer?.done ?? 0; generation < generations.length; generation++) {
      const steps: Record<string, Tensor>[] = [];
      for await (const { taps } of sample(pipeline, denoiser, { ...sampling, ...generations[generation], ...(signal && { signal }) })) {
        steps.push(Object.fromEntries(request.sites.map((site) => [site, taps[tapName(site, request.activations?.[site])]])));
      }
      buffer ??= await begin(request, steps);
      const rows = new Map<string, Float32Array>();
      for (const [index, [site, { rowsPerGeneration }]] of [...buffer.sites].entries()) {
        rows.set(site, drawCells(steps.map((step) => step[site]), rowsPerGeneration, [request.seed, generation, index]));
      }
      await buffer.add(rows);
      request.onGeneration?.(generation + 1, generations.length);
      throwIfCancelled(signal);
    }
    if (buffer === undefined) throw new RangeError('nothing to sample');
    return buffer;
  } finally {
    await buffer?.close();
  }
}

async function begin({ folder, key, generations, limit }: CollectRequest, steps: readonly Record<string, Tensor>[]): Promise<ActivationBuffer> {
  const yields = Object.entries(steps[0]).map(([site, { shape: [, d, height, width] }]) => ({ site, d, cells: steps.length * height * width }));
  return ActivationBuffer.create(folder, { key, generations: generations.length, yields }, limit);
}

/**
 * Draw cells from the updates of all steps of one site.
 * @param updates by step, each [1, d, height, width]
 * @returns [count, d], in random order
 */
function drawCells(updates: readonly Tensor[], count: number, key: readonly number[]): Float32Array {
  const [, d, height, width] = updates[0].shape;
  const cells = height * width;
  const rows = new Float32Array(count * d);
  for (const [row, place] of drawWithoutRepeat(updates.length * cells, count, generatorOf(...key)).entries()) {
    const update = updates[Math.floor(place / cells)].data as Float32Array;
    const cell = place % cells;
    for (let j = 0; j < d; j++) rows[row * d + j] = update[j * cells + cell];
  }
  return rows;
}
