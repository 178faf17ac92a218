/** One half of classifier-free guidance: conditioned on the prompt, or on the negative one. */
export type Branch = 'cond' | 'uncond';

/** What a sparse autoencoder saw at one site and branch during one run: TopK codes of every cell at every recorded step. */
export interface SiteTrace {
  readonly site: string;
  readonly branch: Branch;
  /** Cells down. */
  readonly height: number;
  /** Cells across. */
  readonly width: number;
  /** Width of the site's update: channels. */
  readonly d: number;
  /** Latents of the SAE. */
  readonly n: number;
  /** Codes kept per cell. */
  readonly k: number;
  /** Recorded steps, counted from 0 in the order of generation, ascending. */
  readonly steps: readonly number[];
  /** [steps, cells, k]: concept ids. */
  readonly indices: Int32Array;
  /** [steps, cells, k]: their activations z >= 0, raw. */
  readonly values: Float32Array;
}
