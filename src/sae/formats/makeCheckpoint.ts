import { InputError } from '../../base/errors.ts';
import { phrase, type Phrase } from '../../base/phrase.ts';
import type { SiteEditor } from '../../instrument/siteEdits.ts';
import type { Activation, Nonlinearity } from '../../instrument/siteEncoder.ts';
import { checkWeights, readWeights } from '../readWeights.ts';
import type { Checkpoint } from '../sae.ts';
import { tracedByDefault } from '../sae.ts';

/** What a format finds out. */
interface Parts extends Omit<SiteEditor, 'site' | 'k' | 'activation' | 'nonlinearity'> {
  readonly format: string;
  /** Active latents per cell; left out where the nonlinearity decides. */
  readonly k?: number | undefined;
  readonly nonlinearity: Nonlinearity;
  readonly usual?: Activation | undefined;
  readonly notes?: readonly Phrase[];
}

/** @param config the file that says k, and where @throws InputError when k is more than the latents */
export function makeCheckpoint({ format, k, usual, notes = [], ...encoder }: Parts, config?: { readonly file: string; readonly place: string }): Checkpoint {
  const { file, d, n, subtractBias, nonlinearity, treatment, byDecoderNorm = false } = encoder;
  if (k !== undefined && k > n) {
    throw new InputError(phrase`k ${k} is more than the ${n} latents`, { file: config?.file ?? file, place: config?.place ?? 'k', remedy: phrase`Set k to the value the SAE was trained with, at most ${n}.` });
  }
  return {
    format, file, d, n, k: k ?? tracedByDefault(n), subtractBias, nonlinearity: nonlinearity.kind, treatment, byDecoderNorm, encoder, usual, notes,
    weights: () => readWeights(encoder), check: () => checkWeights(encoder),
  };
}
