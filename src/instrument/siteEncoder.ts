import type { TensorLocation } from '../base/safetensors.ts';

/** Which activation of a block an SAE reads: the update Δ it adds to the residual stream, the sum of both, or what it is given. */
export type Activation = 'update' | 'output' | 'input';

/** Where a weight lies in the SAE's file. */
export interface WeightLocation extends TensorLocation {
  /** The bytes hold the transpose: `shape` is theirs, the weight's own is the reverse. */
  readonly transposed?: boolean;
  /** In elements, of each axis of `shape`; only where the bytes are neither row-major nor their transpose. Such weights can be read, not mapped. */
  readonly strides?: readonly number[];
  /** The tensor as its file calls it. */
  readonly name?: string;
}

/**
 * Latents from scores s = (x − b_dec) W_enc + b_enc:
 * - `topk`: ReLU of the k greatest scores;
 * - `relu`: ReLU of all;
 * - `threshold`: those scores that are greater than the threshold, ReLU of them (JumpReLU, BatchTopK);
 * - `gated`: ReLU(exp(r) s + b_mag) where s + b_gate > 0; such SAEs have no b_enc.
 */
export type Nonlinearity =
  | { readonly kind: 'topk' }
  | { readonly kind: 'relu' }
  | { readonly kind: 'threshold'; readonly threshold: number | WeightLocation }
  | { readonly kind: 'gated'; readonly gateBias: WeightLocation; readonly magnitudeBias: WeightLocation; readonly logScale: WeightLocation };

/**
 * What is done to x before, and undone to x̂ after:
 * - `standardise`: (x − mean) / (std + 1e-5) over the channels of a cell, std over d − 1; undone by x̂ std + mean;
 * - `fixed-norm`: x √d / ‖x‖; undone by the inverse;
 * - `scale`: x times a number; undone by dividing.
 */
export type Treatment = { readonly kind: 'standardise' } | { readonly kind: 'fixed-norm' } | { readonly kind: 'scale'; readonly factor: number };

/** A row of W_dec counts as at least so long where latents are measured by it: one of zeros, of a concept that died, must not make every number of a cell NaN. */
export const shortestRow = 1e-30;

/** An SAE whose weights lie in a file. Latents z are made of scores, see `Nonlinearity`; x̂ = z W_dec + b_dec. */
export interface SiteEncoder {
  readonly site: string;
  /** The file with all weights. */
  readonly file: string;
  /** [d, n] */
  readonly wEnc: WeightLocation;
  /** [n] */
  readonly bEnc?: WeightLocation | undefined;
  /** [n, d]; needed to replace an activation by its reconstruction, to edit it, or where latents are measured by the lengths of its rows. */
  readonly wDec?: WeightLocation;
  /** [d] */
  readonly bDec: WeightLocation;
  /** Width of the activation. */
  readonly d: number;
  /** Latents. */
  readonly n: number;
  /** Latents that are told of a cell, by descending value: all that are active where the nonlinearity is TopK. */
  readonly k: number;
  /** Whether b_dec is subtracted before encoding. */
  readonly subtractBias: boolean;
  /** Left out: TopK. */
  readonly nonlinearity?: Nonlinearity;
  /** Left out: x as it is. */
  readonly treatment?: Treatment | undefined;
  /** Scores are multiplied, and rows of W_dec divided, by the lengths of these rows. */
  readonly byDecoderNorm?: boolean;
  /** [d, d]; x W_skipᵀ is added to x̂, x as it came. */
  readonly wSkip?: WeightLocation | undefined;
  /** Biases and thresholds are multiplied by it, as SAEs saved in the units of a scaled training need; left out: 1. */
  readonly biasScale?: number | undefined;
  /** Left out: the update. */
  readonly activation?: Activation;
}
