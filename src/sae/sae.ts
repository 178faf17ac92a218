import type { Phrase } from '../base/phrase.ts';
import type { Tensor } from '../base/tensor.ts';
import type { SiteEditor } from '../instrument/siteEdits.ts';
import type { Activation, SiteEncoder, Treatment } from '../instrument/siteEncoder.ts';
import type { SaeSidecar } from './sidecar.ts';

/** Weights in memory. Scores are (x − b_dec) W_enc + b_enc, see `SiteEncoder` for what becomes of them; x̂ = z W_dec + b_dec. */
export interface SaeWeights {
  /** [d, n] */
  readonly wEnc: Tensor<Float32Array>;
  /** [n] */
  readonly bEnc: Tensor<Float32Array>;
  /** [n, d]; a row is a concept's direction. */
  readonly wDec: Tensor<Float32Array>;
  /** [d] */
  readonly bDec: Tensor<Float32Array>;
  /** [n]; of JumpReLU. */
  readonly threshold?: Tensor<Float32Array>;
  /** [d, d]; x W_skipᵀ is added to x̂. */
  readonly wSkip?: Tensor<Float32Array>;
  /** Each [n]. */
  readonly gate?: Readonly<Record<'gateBias' | 'magnitudeBias' | 'logScale', Tensor<Float32Array>>>;
}

/** How latents are made of scores; weights that take part are in `SaeWeights`. */
export type NonlinearityKind = 'topk' | 'relu' | 'threshold' | 'gated';

/** What decides, beside the weights, what an SAE computes. */
export interface SaeForm {
  /** Active latents per cell with TopK, else how many a trace holds at most. */
  readonly k: number;
  readonly subtractBias: boolean;
  readonly nonlinearity: NonlinearityKind;
  readonly treatment?: Treatment | undefined;
  readonly byDecoderNorm: boolean;
}

/** What a file format says about an SAE; which activations it was trained on is the sidecar's business. */
export interface Checkpoint extends SaeForm {
  /** As people call the format. */
  readonly format: string;
  /** The file with the weights. */
  readonly file: string;
  /** Width of the activations. */
  readonly d: number;
  /** Latents. */
  readonly n: number;
  /** Where the weights lie, and what else the graph needs. */
  readonly encoder: Omit<SiteEditor, 'site' | 'k' | 'activation'>;
  /** The activation that whoever publishes this format trains on; only a guess. */
  readonly usual?: Activation | undefined;
  /** What is peculiar about these files and easily read wrongly. */
  readonly notes: readonly Phrase[];
  /** Read the weights. @throws InputError at numbers that are not finite */
  weights(): Promise<SaeWeights>;
  /** The same, with the weights left where they lie. @throws InputError at numbers that are not finite */
  check(): Promise<void>;
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

/** Latents of a cell that a trace holds where the SAE itself sets no number. */
const fewestTraced = 64;

/** How many latents of a cell a trace of such an SAE holds, where its sidecar does not say. */
export function tracedByDefault(n: number): number {
  return Math.min(n, fewestTraced);
}

/** The SAE as an instrumented U-Net needs it: its weights stay in their file. */
export function siteEncoder({ site, k, sidecar: { activation }, encoder }: Pick<Sae, 'site' | 'k' | 'sidecar' | 'encoder'>): SiteEditor {
  return { ...encoder, site, k, activation } satisfies SiteEncoder;
}
