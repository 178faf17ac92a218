import type { TensorLocation } from '../base/safetensors.ts';

/** The encoder of an SAE, its weights in a safetensors file: z = TopK(ReLU((x − b_dec) W_enc + b_enc)). */
export interface SiteEncoder {
  readonly site: string;
  /** The safetensors file. */
  readonly file: string;
  /** [d, n] */
  readonly wEnc: TensorLocation;
  /** [n] */
  readonly bEnc?: TensorLocation;
  /** [n, d]; needed only to replace Δ by its reconstruction. */
  readonly wDec?: TensorLocation;
  /** [d] */
  readonly bDec: TensorLocation;
  /** Width of Δ. */
  readonly d: number;
  /** Latents. */
  readonly n: number;
  /** Active latents per cell. */
  readonly k: number;
  /** Whether b_dec is subtracted before encoding. */
  readonly subtractBias: boolean;
}
