import type { TensorLocation } from '../base/safetensors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { SiteEditor } from '../instrument/siteEdits.ts';
import type { SaeSidecar } from './sidecar.ts';

/** Weights in memory: x̂ = TopK(ReLU((x − b_dec) W_enc + b_enc)) W_dec + b_dec. */
export interface SaeWeights {
  /** [d, n] */
  readonly wEnc: Tensor<Float32Array>;
  /** [n] */
  readonly bEnc: Tensor<Float32Array>;
  /** [n, d]; a row is a concept's direction. */
  readonly wDec: Tensor<Float32Array>;
  /** [d] */
  readonly bDec: Tensor<Float32Array>;
}

/** Where those weights lie in a safetensors file. */
export type SaeLayout = Readonly<Record<keyof SaeWeights, TensorLocation>>;

/** What a file format says about an SAE; which activations it was trained on is the sidecar's business. */
export interface Checkpoint {
  /** The safetensors file with the weights. */
  readonly file: string;
  /** Width of the activations. */
  readonly d: number;
  /** Latents. */
  readonly n: number;
  /** Active latents per cell. */
  readonly k: number;
  /** Whether b_dec is subtracted from the input. */
  readonly subtractBias: boolean;
  readonly layout: SaeLayout;
  /** Read the weights. */
  weights(): Promise<SaeWeights>;
}

/** A sparse autoencoder of one site, its weights still on disk. */
export interface Sae extends Checkpoint {
  readonly site: string;
  /** The folder it was loaded from. */
  readonly folder: string;
  readonly sidecar: SaeSidecar;
  /** SHA-256 over everything that decides what it computes: configuration, weights and sidecar. */
  readonly hash: string;
}

/** The SAE as an instrumented U-Net needs it: its weights stay in their file. */
export function siteEncoder({ site, file, layout, d, n, k, subtractBias }: Sae): SiteEditor {
  return { site, file, ...layout, d, n, k, subtractBias };
}
