import { sha256Text } from '../base/sha256.ts';
import { loadPipeline } from '../diffusion/loadPipeline.ts';
import { openInstrumentedUnet } from '../instrument/instrumentUnet.ts';
import { defaultProvider } from '../onnx/provider.ts';
import { ActivationBuffer } from './activationBuffer.ts';
import type { ActivationRequest } from './activationRequest.ts';
import { collectActivations } from './collectActivations.ts';

/**
 * The buffer of these activations (updates, where nothing else is said), cond branch: as far as it is there already, it is kept, other sites beside them too; the model is loaded
 * only where some are missing.
 * @returns the complete buffer, and a hash of everything but the sites that decides its content. @throws CancelledError; what is complete is kept
 */
export async function activationsOf(request: ActivationRequest): Promise<{ buffer: ActivationBuffer; key: string }> {
  const { model, sites, generations, sampling, seed, limit, folder, threads, provider = defaultProvider } = request;
  const others = sites.flatMap((site) => {
    const activation = request.activations?.[site] ?? 'update';
    return activation === 'update' ? [] : [{ site, activation }];
  });
  const key = sha256Text(JSON.stringify([await model.hash(), generations, sampling, seed, limit, ...others, ...(provider === defaultProvider ? [] : [provider])]));
  const kept = await ActivationBuffer.resume(folder, key, sites);
  if (kept?.done === generations.length) return { buffer: kept, key };
  const options = { provider, ...(threads !== undefined && { threads }) };
  const pipeline = await loadPipeline(model, options);
  const denoiser = await openInstrumentedUnet(model.components.unet.path, { taps: sites.filter((site) => others.every((other) => other.site !== site)), otherTaps: others, encoders: [], branch: 'cond' }, options);
  try {
    return { buffer: await collectActivations(pipeline, denoiser, { ...request, key }), key };
  } finally {
    await denoiser.close();
    await pipeline.close();
  }
}
