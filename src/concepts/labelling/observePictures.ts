import { float32 } from '../../base/tensor.ts';
import type { Denoiser } from '../../diffusion/denoiser.ts';
import type { LoadedPipeline } from '../../diffusion/loadPipeline.ts';
import { sample, type SampleRequest, type StepState } from '../../diffusion/sample.ts';
import type { DualEncoder } from '../../judge/dualEncoder.ts';
import type { Vocabulary } from '../../judge/judgeFolder.ts';
import { labelMasks } from '../../judge/labelMasks.ts';
import type { Segmenter } from '../../judge/segmenter.ts';
import { siteGrid } from '../siteGrid.ts';
import { activeConcepts, keepStrong, type ActiveConcepts } from './activeConcepts.ts';
import type { CellBits } from './cellBits.ts';
import { maskOnCells, type ObservedSite } from './observedSite.ts';

/** A site whose SAE is spliced into the U-Net. */
export interface SplicedSite {
  readonly site: string;
  /** Latents of the SAE. */
  readonly n: number;
}

/** What looks at the pictures. */
export interface Observers {
  readonly vocabulary: Vocabulary;
  readonly segmenter: Segmenter;
  readonly encoder: DualEncoder;
}

/** Everything that labels are made from. */
export interface Observations {
  readonly sites: readonly ObservedSite[];
  /** Unit vectors, one a picture. */
  readonly embeddings: readonly Float32Array[];
  /** Diffusion time of each step. */
  readonly times: readonly number[];
}

/**
 * Generate pictures and keep, of each, which concepts were active where at every step, and what the judge sees in the end. Of a picture's
 * activations only the cells that each active concept takes are kept.
 * @param unet gives the codes of one branch at each of the sites. @param requests one a picture, alike but for prompt and seed
 * @param onStep told after each step how many are done
 * @throws CancelledError, InputError as `sample`
 */
export async function observePictures(
  pipeline: LoadedPipeline, unet: Denoiser, sites: readonly SplicedSite[], observers: Observers,
  requests: readonly SampleRequest[], onStep: (done: number) => void,
): Promise<Observations> {
  const recorders = sites.map(({ site, n }) => new SiteRecorder(site, n, pipeline));
  const attributes: ReadonlySet<string>[] = [];
  const embeddings: Float32Array[] = [];
  const times: number[] = [];
  let done = 0;
  for (const request of requests) {
    let latents: Float32Array = new Float32Array();
    for await (const state of sample(pipeline, unet, request)) {
      ({ latents } = state);
      times[state.step] = state.t;
      for (const recorder of recorders) recorder.addStep(state);
      onStep(done += 1);
    }
    const [picture] = await pipeline.vaeDecoder.decode(float32(latents, pipeline.latentShape));
    const seen = await observers.segmenter.segment(picture);
    const masks = labelMasks(seen, observers.vocabulary);
    for (const recorder of recorders) recorder.endPicture(masks, seen);
    attributes.push(new Set([seen.background, seen.style]));
    embeddings.push(await observers.encoder.embedImage(picture));
  }
  return { sites: recorders.map((recorder) => recorder.finish(attributes)), embeddings, times };
}

/** Gathers what the pictures show at one site. */
class SiteRecorder {
  readonly #site: string;
  readonly #n: number;
  readonly #latent: readonly [height: number, width: number];
  readonly #active: ActiveConcepts[][] = []; // [steps][pictures]
  readonly #masks: Map<string, CellBits>[] = [];
  #grid: readonly [height: number, width: number] = [0, 0];

  constructor(site: string, n: number, { latentShape: [, , height, width] }: LoadedPipeline) {
    this.#site = site;
    this.#n = n;
    this.#latent = [height, width];
  }

  addStep({ step, taps }: StepState): void {
    const { [`sae/${this.#site}/indices`]: indices, [`sae/${this.#site}/values`]: values } = taps; // [1, cells, k]
    this.#grid = siteGrid(values.shape[1], this.#latent);
    (this.#active[step] ??= []).push(activeConcepts(indices.data, values.data as Float32Array, this.#n, values.shape[1]));
  }

  endPicture(masks: ReadonlyMap<string, Uint8Array>, pixels: { readonly height: number; readonly width: number }): void {
    const [height, width] = this.#grid;
    const onCells = new Map<string, CellBits>();
    for (const [label, mask] of masks) {
      const cells = maskOnCells(mask, pixels.height, pixels.width, height, width);
      if (cells !== undefined) onCells.set(label, cells);
    }
    this.#masks.push(onCells);
  }

  finish(attributes: readonly ReadonlySet<string>[]): ObservedSite {
    const [height, width] = this.#grid;
    const strong = this.#active.map((pictures) => keepStrong(pictures, this.#n));
    return { site: this.#site, height, width, n: this.#n, active: this.#active, strong, masks: this.#masks, attributes };
  }
}
