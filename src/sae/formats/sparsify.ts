import { join } from 'node:path';
import * as Type from 'typebox';
import { checkShape } from '../../base/checkShape.ts';
import { InputError } from '../../base/errors.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { phrase, type Phrase } from '../../base/phrase.ts';
import { readSafetensorsLayout } from '../../base/safetensors.ts';
import { locateTensor } from '../locateTensor.ts';
import type { Checkpoint } from '../sae.ts';
import type { CheckpointFormat, SaeFiles } from './checkpointFormat.ts';
import { makeCheckpoint } from './makeCheckpoint.ts';

/** Files of sparsify and of what is derived from it. */
export const sparsifyFiles = { config: 'cfg.json', weights: 'sae.safetensors' } as const;

/** Left open: later versions add keys that change nothing in the forward pass. */
const configSchema = Type.Object({
  d_in: Type.Integer({ minimum: 1 }),
  k: Type.Integer({ minimum: 1 }),
  num_latents: Type.Optional(Type.Integer({ minimum: 0 })),
  expansion_factor: Type.Optional(Type.Integer({ minimum: 1 })),
  activation: Type.Optional(Type.String()),
  transcode: Type.Optional(Type.Boolean()),
  signed: Type.Optional(Type.Boolean()),
  batch_topk: Type.Optional(Type.Boolean()),
  sample_topk: Type.Optional(Type.Boolean()),
  input_unit_norm: Type.Optional(Type.Boolean()),
});

export interface SparsifyConfig extends Type.Static<typeof configSchema> {
  /** Latents. */
  readonly n: number;
  readonly file: string;
}

/**
 * EleutherAI's sparsify (sparsify/sparse_coder.py): ReLU, then TopK; b_dec is always subtracted. Its W_dec is [n, d] as it stands.
 * The folder of a site may hold one for each seed.
 */
export const sparsify: CheckpointFormat = {
  name: 'sparsify',
  describe: `${sparsifyFiles.config} and ${sparsifyFiles.weights}`,
  recognise: (_, found) => (found.has(sparsifyFiles.weights) ? sparsifyFiles : undefined),
  async read(folder, files) {
    return readSparsify(sparsify.name, folder, files, await readSparsifyConfig(folder));
  },
};

/** @throws InputError at what is no plain SAE */
export async function readSparsifyConfig(folder: string): Promise<SparsifyConfig> {
  const file = join(folder, sparsifyFiles.config);
  const config = checkShape(configSchema, await readJsonFile(file, { maxBytes: 2 ** 20 }), file, phrase`Use an SAE saved by sparsify.`);
  const refuse = (key: keyof typeof config, remedy: Phrase) => new InputError(phrase`${key} ${JSON.stringify(config[key])} is not supported`, { file, place: `/${key}`, remedy });
  if (config.transcode === true) throw refuse('transcode', phrase`A transcoder predicts another activation than it reads: use an SAE.`);
  if (config.signed === true) throw refuse('signed', phrase`Its latents may be negative: use an SAE trained without it.`);
  if ((config.activation ?? 'topk') !== 'topk') throw refuse('activation', phrase`Use an SAE with the activation "topk".`);
  const n = config.num_latents !== undefined && config.num_latents > 0 ? config.num_latents : config.d_in * (config.expansion_factor ?? 32); // 32 is sparsify's default
  return { ...config, n, file };
}

/** @param about what a format derived from sparsify does otherwise */
export async function readSparsify(
  format: string, folder: string, files: SaeFiles, { d_in: d, n, k, file: config }: SparsifyConfig, about: Pick<Partial<Checkpoint>, 'treatment' | 'notes' | 'usual'> = {},
): Promise<Checkpoint> {
  const file = join(folder, files.weights);
  const tensors = await readSafetensorsLayout(file);
  const locate = (name: string, shape: readonly number[], transposed = false) => locateTensor(tensors, { file, name, shape, transposed, config: sparsifyFiles.config });
  const notes = [...about.notes ?? [], ...tensors.has('W_skip') ? [phrase`Has a linear path past its latents (W_skip), which the reconstruction includes.`] : []];
  return makeCheckpoint({
    format, file, d, n, k, subtractBias: true, nonlinearity: { kind: 'topk' }, treatment: about.treatment, usual: about.usual, notes,
    wEnc: locate('encoder.weight', [d, n], true), bEnc: locate('encoder.bias', [n]), wDec: locate('W_dec', [n, d]), bDec: locate('b_dec', [d]),
    wSkip: tensors.has('W_skip') ? locate('W_skip', [d, d]) : undefined,
  }, { file: config, place: '/k' });
}
