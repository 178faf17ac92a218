import { phrase } from '../base/phrase.ts';
import { allFinite, float32, sizeOf } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { nothing } from '../diffusion/conditioning.ts';
import type { Conditioning } from '../diffusion/conditioning.ts';
import type { Denoiser, Prediction } from '../diffusion/denoiser.ts';
import { renderLatents } from '../diffusion/latentToRgb.ts';
import type { LatentToRgb } from '../diffusion/latentToRgb.ts';
import { loadPipeline } from '../diffusion/loadPipeline.ts';
import type { LoadedPipeline } from '../diffusion/loadPipeline.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { RgbImage } from '../diffusion/png.ts';
import { previewMap } from '../diffusion/preview.ts';
import { readGrids } from '../instrument/gridsOf.ts';
import type { Grid } from '../instrument/gridsOf.ts';
import { openInstrumentedUnet } from '../instrument/instrumentUnet.ts';
import type { SiteEdits } from '../instrument/siteEdits.ts';
import type { InstrumentedUnet } from '../instrument/instrumentUnet.ts';
import { readSites } from '../instrument/readSites.ts';
import { defaultProvider } from '../onnx/provider.ts';
import type { Provider } from '../onnx/provider.ts';
import type { MachineOptions } from '../onnx/session.ts';
import { checkSaeFits } from '../sae/loadSaes.ts';
import { siteEncoder } from '../sae/sae.ts';
import type { Sae } from '../sae/sae.ts';
import { ActivationFault } from './activationFault.ts';
import { EditInputs } from './editInputs.ts';
import type { EditableSite, EditContext } from './editInputs.ts';
import type { RunDefinition } from './plan.ts';
import type { Computed } from './provider/computed.ts';
import type { Tell } from './tell.ts';

type TracingOptions = MachineOptions & { readonly computed?: Computed; readonly tell?: Tell };

/** A pipeline in memory whose U-Net tells the concepts of its sites, and lets them be edited. */
export class TracingModel {
  readonly pipeline: LoadedPipeline;
  /** SAEs of the traced sites. */
  readonly saes: readonly Sae[];
  /** SAEs of the sites that can be edited. */
  readonly editable: readonly Sae[];
  readonly provider: Provider;
  /** How that was decided; undefined where nobody asked. */
  readonly computed: Computed | undefined;
  readonly #unet: InstrumentedUnet;
  readonly #cacheFolder: string;
  readonly #threads: number | undefined;
  #latentToRgb: LatentToRgb | undefined;
  #editableSites: Promise<EditableSite[]> | undefined;

  private constructor(pipeline: LoadedPipeline, unet: InstrumentedUnet, saes: readonly Sae[], editable: readonly Sae[], cacheFolder: string, { provider = defaultProvider, threads, computed }: TracingOptions) {
    this.pipeline = pipeline;
    this.saes = saes;
    this.editable = editable;
    this.provider = provider;
    this.#threads = threads;
    this.computed = computed;
    this.#unet = unet;
    this.#cacheFolder = cacheFolder;
  }

  /**
   * Load a pipeline and splice SAEs into its U-Net.
   * @param saes one per traced site. @param cacheFolder where what is fitted once per model is kept
   * @param editable one per site that edits may name, traced or not; without edits in force they cost next to nothing
   * @throws InputError when the model is malformed, or an SAE was made for another model or site
   */
  static async load(
    folder: PipelineFolder, saes: readonly Sae[], branch: RunDefinition['trace']['branch'], cacheFolder: string, options: TracingOptions = {},
    editable: readonly Sae[] = [],
  ): Promise<TracingModel> {
    const { path } = folder.components.unet;
    const { tell, computed, ...machine } = options;
    await tell?.(phrase`loading the U-Net`, 'loading');
    const sites = await readSites(path);
    const channels = new Map(sites.map((site) => [site.name, site.channels]));
    const hash = await folder.hash();
    for (const sae of [...saes, ...editable]) checkSaeFits(sae, { hash, channels });
    const unet = await openInstrumentedUnet(path, { taps: [], encoders: saes.map(siteEncoder), editors: editable.map(siteEncoder), branch }, machine);
    try {
      const pipeline = await loadPipeline(folder, machine, (what) => tell?.(what, 'loading'));
      return new TracingModel(pipeline, unet, saes, editable, cacheFolder, { ...machine, ...(computed !== undefined && { computed }) });
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
    return { model: this.pipeline.folder.folder, saes: Object.fromEntries([...this.editable, ...this.saes].map(({ site, folder }) => [site, folder])) };
  }

  /**
   * One step, unchecked: a prediction may hold NaN, which `faultOf` explains.
   * @param edits in force at this step, see `editInputs`
   * @param fetch.updates also gives Δ before and after its edits, `delta/<site>` and `edited/<site>` of every editable site
   * @throws RangeError when edits do not fit
   */
  predict(sample: Tensor, timestep: number, conditioning: Conditioning, edits: readonly SiteEdits[] = [], fetch: { updates?: boolean } = {}): Promise<Prediction> {
    return this.#unet.predict(sample, timestep, conditioning, edits, fetch);
  }

  /** The U-Net for one generation; where it answers with NaN, the error names the first site and the step. @param editsAt in force at each step */
  denoiser(editsAt: (step: number) => readonly SiteEdits[] = () => []): Denoiser {
    let step = 0;
    return {
      predict: async (sample, timestep, conditioning) => {
        const edits = editsAt(step);
        const prediction = await this.predict(sample, timestep, conditioning, edits);
        if (!isFinite32(prediction.noise)) throw await this.faultOf(sample, timestep, conditioning, step, edits);
        step += 1;
        return prediction;
      },
    };
  }

  /** What turns edits of runs on this model into those of a step. @param masks by the hash that definitions name. @param guided whether runs have an uncond row */
  async editInputs({ masks, guided }: Omit<EditContext, 'sites'>): Promise<EditInputs> {
    this.#editableSites ??= this.#findEditable();
    return new EditInputs({ sites: await this.#editableSites, masks, guided });
  }

  /** A picture of latents without the VAE, a pixel a cell. @param signal ends what has to be fitted the first time. @throws CancelledError */
  async linearPreview(latents: Float32Array, signal: AbortSignal): Promise<RgbImage> {
    this.#latentToRgb ??= await previewMap(this.pipeline, this.#cacheFolder, signal);
    return renderLatents(this.#latentToRgb, latents, this.pipeline.latentShape);
  }

  async close(): Promise<void> {
    await Promise.all([this.#unet.close(), this.pipeline.close()]);
  }

  /**
   * Why a step gave NaN: it is asked again with every site's update in sight, before and after its edits.
   * @param sample the rows of the run that failed, and its edits on these rows
   */
  async faultOf(sample: Tensor, timestep: number, conditioning: Conditioning, step: number, edits: readonly SiteEdits[] = []): Promise<ActivationFault> {
    const { path } = this.pipeline.folder.components.unet;
    const sites = (await readSites(path)).map(({ name }) => name);
    const unet = await openInstrumentedUnet(path, { taps: sites, encoders: [], editors: this.editable.map(siteEncoder), branch: 'both' }, {
      provider: this.provider, ...(this.#threads !== undefined && { threads: this.#threads }),
    });
    let taps: Prediction['taps'];
    try {
      ({ taps } = await unet.predict(sample, timestep, conditioning, edits, { updates: true }));
    } finally {
      await unet.close();
    }
    const holds = (tap: string): boolean => tap in taps && !isFinite32(taps[tap]);
    const first = sites.find((site) => holds(`delta/${site}`) || holds(`edited/${site}`));
    return new ActivationFault({ file: path, site: first, step, timestep, edited: edits.map(({ site }) => site) });
  }

  /** In order of execution. */
  async #findEditable(): Promise<EditableSite[]> {
    if (this.editable.length === 0) return [];
    const [, , height, width] = this.pipeline.latentShape;
    const told = await readGrids(this.pipeline.folder.components.unet.path, [height, width]);
    const grids = this.editable.every(({ site }) => told.has(site)) ? told : await this.#probeGrids();
    const order = [...grids.keys()];
    return this.editable.map(({ site, sidecar }) => ({ site, grid: grids.get(site) ?? [0, 0] as const, means: sidecar.statistics.mean })).sort((a, b) => order.indexOf(a.site) - order.indexOf(b.site));
  }

  /** Ask the U-Net once, with an empty latent and an empty prompt, for grids that do not follow from its graph. */
  async #probeGrids(): Promise<Map<string, Grid>> {
    const { latentShape } = this.pipeline;
    const conditioning = await this.pipeline.condition(nothing);
    const { taps } = await this.predict(float32(new Float32Array(sizeOf(latentShape)), latentShape), 0, conditioning, [], { updates: true });
    return new Map(Object.entries(taps).filter(([name]) => name.startsWith('edited/')).map(([name, { shape: [, , height, width] }]) => [name.slice('edited/'.length), [height, width] as const]));
  }
}

function isFinite32({ data }: Tensor): boolean {
  return allFinite(data as Float32Array);
}
