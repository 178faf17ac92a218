import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { ensureFolder } from '../base/ensureFolder.ts';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { encodeSafetensors } from '../base/safetensors.ts';
import { float32 } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { shortestRow } from '../instrument/siteEncoder.ts';
import type { NonlinearityKind, SaeForm, SaeWeights } from './sae.ts';

/** What SAELens wants to know about an SAE besides its weights. */
export interface SaelensDescription extends Partial<SaeForm> {
  readonly k: number;
  readonly site: string;
  readonly model: string;
}

const architectures: Readonly<Record<NonlinearityKind, string>> = { topk: 'topk', relu: 'standard', threshold: 'jumprelu', gated: 'gated' };

/** Write an SAE that `SAE.load_from_disk` of SAELens 6 reads. @throws InputError when it cannot be written, or has a path past its latents, which SAELens knows only for transcoders */
export async function writeSaelens(folder: string, weights: SaeWeights, description: SaelensDescription): Promise<void> {
  const { k, site, model, subtractBias = true, nonlinearity = 'topk', treatment, byDecoderNorm = false } = description;
  if (weights.wSkip !== undefined) {
    throw new InputError(phrase`has a linear path past its latents, which SAELens cannot say`, { file: folder, place: 'W_skip', remedy: phrase`Use the SAE as it is: it is read as well.` });
  }
  const rescale = byDecoderNorm && nonlinearity === 'topk'; // SAELens has this switch for TopK only
  const { wEnc, bEnc, wDec, bDec, threshold, gate } = scaled(byDecoderNorm && !rescale ? foldNorms(weights) : weights, treatment?.kind === 'scale' ? treatment.factor : 1);
  const [d, n] = wEnc.shape;
  const config = {
    architecture: architectures[nonlinearity], d_in: d, d_sae: n, ...nonlinearity === 'topk' && { k }, dtype: 'float32', device: 'cpu', apply_b_dec_to_input: subtractBias,
    normalize_activations: ({ standardise: 'layer_norm', 'fixed-norm': 'constant_norm_rescale', scale: 'none' } as const)[treatment?.kind ?? 'scale'],
    reshape_activations: 'none', ...nonlinearity === 'topk' && { rescale_acts_by_decoder_norm: rescale }, metadata: { model_name: model, hook_name: site },
  };
  const tensors: Record<string, Tensor> = {
    W_enc: wEnc, ...gate === undefined && { b_enc: bEnc }, W_dec: wDec, b_dec: bDec, ...threshold && { threshold },
    ...gate && { b_gate: gate.gateBias, b_mag: gate.magnitudeBias, r_mag: gate.logScale },
  };
  await ensureFolder(folder);
  await writeFileAtomic(join(folder, 'sae_weights.safetensors'), encodeSafetensors(tensors));
  await writeFileAtomic(join(folder, 'cfg.json'), `${JSON.stringify(config, undefined, 2)}\n`);
}

/** Latents measured by the lengths of the decoder's rows, without a switch: scores times the length, rows of length 1. Only ReLU has it. */
function foldNorms({ wEnc, bEnc, wDec, ...rest }: SaeWeights): SaeWeights {
  const [n, d] = wDec.shape;
  const norms = Float64Array.from({ length: n }, (_, row) => Math.max(Math.hypot(...wDec.data.subarray(row * d, (row + 1) * d)), shortestRow));
  return {
    ...rest,
    wEnc: float32(wEnc.data.map((value, at) => value * norms[at % n]), wEnc.shape),
    bEnc: float32(bEnc.data.map((value, at) => value * norms[at]), bEnc.shape),
    wDec: float32(wDec.data.map((value, at) => value / norms[Math.floor(at / d)]), wDec.shape),
  };
}

/** An input multiplied by a number, as part of the weights (`fold_activation_norm_scaling_factor`). */
function scaled({ wEnc, wDec, bDec, ...rest }: SaeWeights, factor: number): SaeWeights {
  const times = ({ data, shape }: Tensor<Float32Array>, by: number) => (by === 1 ? float32(data, shape) : float32(data.map((value) => value * by), shape));
  return { ...rest, wEnc: times(wEnc, factor), wDec: times(wDec, 1 / factor), bDec: times(bDec, 1 / factor) };
}
