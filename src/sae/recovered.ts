import type { Tensor } from '../base/tensor.ts';
import type { Denoiser, Prediction } from '../diffusion/denoiser.ts';
import { loadPipeline } from '../diffusion/loadPipeline.ts';
import { sample } from '../diffusion/sample.ts';
import { timestepsOf } from '../diffusion/timestepsOf.ts';
import { openInstrumentedUnet } from '../instrument/instrumentUnet.ts';
import { defaultProvider } from '../onnx/provider.ts';
import type { ActivationRequest } from './activationRequest.ts';
import { siteEncoder } from './sae.ts';
import type { Sae } from './sae.ts';

/** What is sampled for the measure. */
export type RecoveredRequest = Pick<ActivationRequest, 'model' | 'generations' | 'sampling' | 'threads' | 'provider' | 'signal' | 'onGeneration'>;

/**
 * How much of a site's effect on the prediction its SAE preserves, per step:
 * 1 − Σ‖ε̂_rec − ε̂‖² / Σ‖ε̂_zero − ε̂‖², sums over generations; ε̂ is the U-Net's output as it is, ε̂_rec with Δ (or whichever
 * activation the SAE reads) replaced by x̂ on the cond branch, ε̂_zero with it replaced by 0. All three see the latents of the undisturbed generation.
 * @returns [steps]
 */
export async function recovered(sae: Sae, { model, generations, sampling, threads, provider = defaultProvider, signal, onGeneration }: RecoveredRequest): Promise<Float64Array> {
  const options = { provider, ...(threads !== undefined && { threads }) };
  const pipeline = await loadPipeline(model, options);
  const plain = await pipeline.denoiser();
  const replaced = (by: 'zero' | ReturnType<typeof siteEncoder>) => openInstrumentedUnet(
    model.components.unet.path, { taps: [], encoders: [], branch: 'cond', replacements: [{ site: sae.site, by, activation: sae.sidecar.activation }] }, options);
  const reconstruction = await replaced(siteEncoder(sae));
  const zero = await replaced('zero');
  const { length: steps } = timestepsOf(pipeline, sampling);
  const [lost, all] = [new Float64Array(steps), new Float64Array(steps)];
  let step = 0;
  const comparing: Denoiser = {
    async predict(...inputs: Parameters<Denoiser['predict']>): Promise<Prediction> {
      const prediction = await plain.predict(...inputs);
      lost[step] += squaredDistance((await reconstruction.predict(...inputs)).noise, prediction.noise);
      all[step] += squaredDistance((await zero.predict(...inputs)).noise, prediction.noise);
      return prediction;
    },
  };
  try {
    for (const [index, generation] of generations.entries()) {
      step = 0;
      for await (const state of sample(pipeline, comparing, { ...sampling, ...generation, ...(signal && { signal }) })) step = state.step + 1;
      onGeneration?.(index + 1, generations.length);
    }
  } finally {
    await Promise.all([reconstruction.close(), zero.close(), pipeline.close()]);
  }
  return lost.map((value, index) => 1 - value / all[index]);
}

function squaredDistance(a: Tensor, b: Tensor): number {
  let sum = 0;
  for (let index = 0; index < a.data.length; index++) sum += (Number(a.data[index]) - Number(b.data[index])) ** 2;
  return sum;
}
