import { join } from 'node:path';
import * as Type from 'typebox';
import { checkShape } from '../../base/checkShape.ts';
import { InputError } from '../../base/errors.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { phrase, type Phrase } from '../../base/phrase.ts';
import { readSafetensorsLayout } from '../../base/safetensors.ts';
import type { Nonlinearity, Treatment } from '../../instrument/siteEncoder.ts';
import { locateTensor } from '../locateTensor.ts';
import type { Checkpoint } from '../sae.ts';
import type { CheckpointFormat, SaeFiles } from './checkpointFormat.ts';
import { makeCheckpoint } from './makeCheckpoint.ts';
import { readNumbers } from './readNumbers.ts';
import { isLegacy, modernConfig } from './saelensLegacy.ts';

const names = { config: 'cfg.json', weights: 'sae_weights.safetensors', scaler: 'activation_scaler.json' } as const;

/** Left open: SAELens adds keys that change nothing in the forward pass. */
const configSchema = Type.Object({
  architecture: Type.String(),
  d_in: Type.Integer({ minimum: 1 }),
  d_sae: Type.Integer({ minimum: 1 }),
  k: Type.Optional(Type.Integer({ minimum: 1 })),
  apply_b_dec_to_input: Type.Optional(Type.Boolean()),
  normalize_activations: Type.Optional(Type.String()),
  rescale_acts_by_decoder_norm: Type.Optional(Type.Boolean()),
  finetuning_scaling_factor: Type.Optional(Type.Unknown()),
});

type Config = Type.Static<typeof configSchema>;

/** SAELens (sae_lens/saes/*_sae.py): standard, topk, jumprelu and gated SAEs as version 6 saves them, and as earlier ones did. */
export const saelens: CheckpointFormat = {
  name: 'SAELens',
  describe: `${names.config} and ${names.weights}`,
  recognise: (_, found) => (found.has(names.weights) || (found.has(names.config) && !found.has('sae.safetensors')) ? names : undefined),
  read: readSaelens,
};

async function readSaelens(folder: string, files: SaeFiles): Promise<Checkpoint> {
  const configFile = join(folder, names.config);
  const raw = await readJsonFile(configFile, { maxBytes: 2 ** 20 });
  const legacy = typeof raw === 'object' && raw !== null && isLegacy(raw as Record<string, unknown>);
  const config = checkShape(configSchema, legacy ? modernConfig(raw as Record<string, unknown>, configFile) : raw, configFile, phrase`Use an SAE saved by SAELens.`);
  const { architecture, d_in: d, d_sae: n, k, apply_b_dec_to_input: subtractBias = true, rescale_acts_by_decoder_norm: byDecoderNorm = false } = config;
  const file = join(folder, files.weights);
  if (architecture === 'topk' && k === undefined) throw new InputError(phrase`says no k`, { file: configFile, place: '/k', remedy: phrase`Set k to the value the SAE was trained with, at most ${n}.` });
  if (!Object.hasOwn(nonlinearities, architecture)) {
    throw new InputError(phrase`architecture ${JSON.stringify(architecture)} is not supported`, {
      file: configFile, place: '/architecture', remedy: phrase`Use one of ${Object.keys(nonlinearities).join(', ')}; a BatchTopK SAE in training becomes jumprelu by save_inference_model.`,
    });
  }
  const treatment = await treatmentOf(folder, config, configFile);
  const tensors = await readSafetensorsLayout(file);
  const locate = (name: string, shape: readonly number[]) => locateTensor(tensors, { file, name, shape, config: names.config });
  const nonlinearity = nonlinearities[architecture as keyof typeof nonlinearities]((name) => locate(name, [n]));
  const notes: Phrase[] = legacy ? [phrase`Saved by SAELens before version 6: read as ${architecture}.`] : [];
  if (nonlinearity.kind === 'threshold' && typeof nonlinearity.threshold === 'object' && new Set(await readNumbers(file, nonlinearity.threshold)).size === 1 && n > 1) {
    notes.push(phrase`All thresholds are equal: this is a BatchTopK SAE, which SAELens saves as jumprelu.`);
  }
  const scaling = tensors.get('scaling_factor');
  if (scaling !== undefined && (await readNumbers(file, locate('scaling_factor', [n]))).some((value) => Math.abs(value - 1) > 1e-5)) {
    throw new InputError(phrase`latents are scaled after training`, { file, place: 'scaling_factor', remedy: phrase`Fold the scaling factor into W_dec in SAELens and save again.` });
  }
  return makeCheckpoint({
    format: legacy ? 'SAELens before version 6' : saelens.name,
    file, d, n, k: architecture === 'topk' ? k : undefined, subtractBias, nonlinearity, treatment, byDecoderNorm: architecture === 'topk' && byDecoderNorm, notes,
    wEnc: locate('W_enc', [d, n]), bEnc: nonlinearity.kind === 'gated' ? undefined : locate('b_enc', [n]), wDec: locate('W_dec', [n, d]), bDec: locate('b_dec', [d]),
  }, { file: configFile, place: '/k' });
}

/** @param locate a tensor [n] */
const nonlinearities: Readonly<Record<'topk' | 'standard' | 'jumprelu' | 'gated', (locate: (name: string) => ReturnType<typeof locateTensor>) => Nonlinearity>> = {
  topk: () => ({ kind: 'topk' }),
  standard: () => ({ kind: 'relu' }),
  jumprelu: (locate) => ({ kind: 'threshold', threshold: locate('threshold') }),
  gated: (locate) => ({ kind: 'gated', gateBias: locate('b_gate'), magnitudeBias: locate('b_mag'), logScale: locate('r_mag') }),
};

const scalerSchema = Type.Object({ scaling_factor: Type.Number({ exclusiveMinimum: 0 }) });

async function treatmentOf(folder: string, { normalize_activations: name = 'none' }: Config, file: string): Promise<Treatment | undefined> {
  const refuse = (remedy: Phrase) => new InputError(phrase`normalize_activations ${JSON.stringify(name)} is not supported`, { file, place: '/normalize_activations', remedy });
  switch (name) {
    case 'none': return undefined;
    case 'layer_norm': return { kind: 'standardise' };
    case 'constant_norm_rescale': return { kind: 'fixed-norm' };
    case 'expected_average_only_in': { // the factor is only known where the training left it beside the weights
      const scaler = join(folder, names.scaler);
      const remedy = phrase`Its factor is not in the file: call fold_activation_norm_scaling_factor in SAELens and save again.`;
      const known = await readJsonFile(scaler, { maxBytes: 2 ** 16 }).catch(() => undefined);
      if (known === undefined) throw refuse(remedy);
      return { kind: 'scale', factor: checkShape(scalerSchema, known, scaler, remedy).scaling_factor };
    }
    default: throw refuse(phrase`Fold the normalisation into the weights in SAELens and save again with "none".`);
  }
}
