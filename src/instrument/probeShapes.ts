import { float32, sizeOf } from '../base/tensor.ts';
import { nothing } from '../diffusion/conditioning.ts';
import { loadPipeline } from '../diffusion/loadPipeline.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { openInstrumentedUnet } from './instrumentUnet.ts';

/**
 * Ask a pipeline's U-Net once, with an empty latent and an empty prompt, for the shapes of Δ that exports leave untold.
 * @returns [channels, height, width] by site
 */
export async function probeShapes(folder: PipelineFolder, sites: readonly string[]): Promise<Map<string, readonly number[]>> {
  const pipeline = await loadPipeline(folder);
  try {
    const unet = await openInstrumentedUnet(
      folder.components.unet.path, { taps: sites, encoders: [], branch: 'cond' }, { optimisation: 'basic', prepack: false });
    try {
      const sample = float32(new Float32Array(sizeOf(pipeline.latentShape)), pipeline.latentShape);
      const { taps } = await unet.predict(sample, 0, await pipeline.condition(nothing));
      return new Map(sites.map(site => [site, taps[`delta/${site}`].shape.slice(1)]));
    } finally {
      await unet.close();
    }
  } finally {
    await pipeline.close();
  }
}
