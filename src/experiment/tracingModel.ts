import { InputError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Denoiser, Prediction } from '../diffusion/denoiser.ts';
import { renderLatents } from '../diffusion/latentToRgb.ts';
import type { LatentToRgb } from '../diffusion/latentToRgb.ts';
import { loadPipeline } from '../diffusion/loadPipeline.ts';
import type { LoadedPipeline } from '../diffusion/loadPipeline.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { RgbImage } from '../diffusion/png.ts';
import { previewMap } from '../diffusion/preview.ts';
import { openInstrumentedUnet } from '../instrument/instrumentUnet.ts';
import type { InstrumentedUnet } from '../instrument/instrumentUnet.ts';
import { findSites } from '../instrument/sites.ts';
import { indexModel } from '../onnx/modelIndex.ts';
import { defaultProvider } from '../onnx/provider.ts';
import type { MachineOptions } from '../onnx/session.ts';
import { checkSaeFits } from '../sae/loadSaes.ts';
import { siteEncoder } from '../sae/sae.ts';
import type { Sae } from '../sae/sae.ts';
import type { RunDefinition } from './plan.ts';

/** A pipeline in memory whose U-Net tells the concepts of its sites. */
export class TracingModel {
  readonly pipeline: LoadedPipeline;
  readonly saes: readonly Sae[];
  /** What computes, as ONNX Runtime calls it. */
  readonly provider: string;
  readonly #unet: InstrumentedUnet;
  readonly #cacheFolder: string;
  #latentToRgb: LatentToRgb | undefined;

  private constructor(pipeline: LoadedPipeline, unet: InstrumentedUnet, saes: readonly Sae[], cacheFolder: string, provider: string) {
    this.pipeline = pipeline;
    this.saes = saes;
    this.provider = provider;
    this.#unet = unet;
    this.#cacheFolder = cacheFolder;
  }

  /**
   * Load a pipeline and splice SAEs into its U-Net.
   * @param saes one per traced site. @param cacheFolder where what is fitted once per model is kept
   * @throws InputError when the model is malformed, or an SAE was made for another model or site
   */
  static async load(
    folder: PipelineFolder, saes: readonly Sae[], branch: RunDefinition['trace']['branch'], cacheFolder: string, options: MachineOptions = {},
  ): Promise<TracingModel> {
    const { path } = folder.components.unet;
    const sites = findSites(await indexModel(path));
    const channels = new Map(sites.map((site) => [site.name, site.channels]));
    const hash = await folder.hash();
    for (const sae of saes) checkSaeFits(sae, { hash, channels });
    const unet = await openInstrumentedUnet(path, { taps: [], encoders: saes.map(siteEncoder), branch }, options);
    try {
      return new TracingModel(await loadPipeline(folder, options), unet, saes, cacheFolder, options.provider ?? defaultProvider);
    } catch (error) {
      await unet.close();
      throw error;
    }
  }

  /** Milliseconds inside the U-Net's session so far. */
  get unetMs(): number {
    return this.#unet.runMs;
  }

  /** Milliseconds inside all sessions so far. */
  get sessionMs(): number {
    return this.#unet.runMs + this.pipeline.runMs;
  }

  /** Folders of the model and of each site's SAE. */
  get sources(): { model: string; saes: Record<string, string> } {
    return { model: this.pipeline.folder.folder, saes: Object.fromEntries(this.saes.map(({ site, folder }) => [site, folder])) };
  }

  /** The U-Net for one generation; where it answers with NaN, the error names the first site and the step. */
  denoiser(): Denoiser {
    let step = 0;
    return {
      predict: async (sample, timestep, promptEmbeds) => {
        const prediction = await this.#unet.predict(sample, timestep, promptEmbeds);
        if (!isFinite32(prediction.noise)) throw await this.#blame(sample, timestep, promptEmbeds, step);
        step += 1;
        return prediction;
      },
    };
  }

  /** A picture of latents without the VAE, a pixel a cell. @param signal ends what has to be fitted the first time. @throws CancelledError */
  async linearPreview(latents: Float32Array, signal: AbortSignal): Promise<RgbImage> {
    this.#latentToRgb ??= await previewMap(this.pipeline, this.#unet, this.#cacheFolder, signal);
    return renderLatents(this.#latentToRgb, latents, this.pipeline.latentShape);
  }

  async close(): Promise<void> {
    await Promise.all([this.#unet.close(), this.pipeline.close()]);
  }

  /** Ask the same step again with every site's update in sight, to find where NaN begins. */
  async #blame(sample: Tensor, timestep: number, promptEmbeds: Tensor, step: number): Promise<InputError> {
    const { path } = this.pipeline.folder.components.unet;
    const sites = findSites(await indexModel(path)).map(({ name }) => name);
    const unet = await openInstrumentedUnet(path, { taps: sites, encoders: [], branch: 'both' });
    let taps: Prediction['taps'];
    try {
      ({ taps } = await unet.predict(sample, timestep, promptEmbeds));
    } finally {
      await unet.close();
    }
    const first = sites.find((site) => !isFinite32(taps[`delta/${site}`]));
    return new InputError('NaN or infinity in the activations', {
      file: path, place: `${first ?? 'after the last site'}, step ${step} (timestep ${timestep})`,
      remedy: 'Check the export of the model (float16 weights overflow easily), or lower the guidance scale.',
    });
  }
}

function isFinite32({ data }: Tensor): boolean {
  return (data as Float32Array).every(Number.isFinite);
}
