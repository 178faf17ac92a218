import { join } from 'node:path';
import { InputError } from '../../base/errors.ts';
import { phrase } from '../../base/phrase.ts';
import type { PickleValue } from '../../base/pickle.ts';
import { readTorchFile } from '../../base/torchFile.ts';
import type { Checkpoint } from '../sae.ts';
import { locateTensor } from '../locateTensor.ts';
import type { CheckpointFormat } from './checkpointFormat.ts';
import { makeCheckpoint } from './makeCheckpoint.ts';
import { stateDictOf } from './stateDict.ts';

/** Files of other formats. */
const others = new Set(['ae.pt', 'mean.pt', 'std.pt']);

/** OpenAI's sparse_autoencoder (model.py): one .pt file, nothing beside it. TopK SAEs standardise their input, the others do not. */
export const openai: CheckpointFormat = {
  name: 'OpenAI sparse_autoencoder',
  describe: 'one .pt file',
  recognise(_, found) {
    const weights = [...found].filter((name) => name.endsWith('.pt') && !others.has(name));
    return weights.length === 1 ? { weights: weights[0] } : undefined;
  },
  async read(folder, { weights }): Promise<Checkpoint> {
    const file = join(folder, weights);
    const { tensors, others: settings } = stateDictOf(await readTorchFile(file), file);
    const [n, d] = tensors.get('encoder.weight')?.shape ?? [0, 0];
    const locate = (name: string, shape: readonly number[], transposed = false) => locateTensor(tensors, { file, name, shape, transposed });
    const named = settings.get('activation') ?? 'ReLU';
    const activation = typeof named === 'string' ? named : '?';
    const k = activation === 'TopK' ? topkOf(settings.get('activation_state_dict'), file) : undefined;
    if (activation !== 'TopK' && activation !== 'ReLU') {
      throw new InputError(phrase`activation function ${JSON.stringify(activation)} is not supported`, { file, place: 'activation', remedy: phrase`Use an SAE with TopK or ReLU.` });
    }
    const tied = 'decoder.linear.weight';
    return makeCheckpoint({
      format: openai.name, file, d, n, k, subtractBias: true, nonlinearity: { kind: k === undefined ? 'relu' : 'topk' },
      treatment: k === undefined ? undefined : { kind: 'standardise' },
      notes: k === undefined ? [] : [phrase`Inputs are standardised cell by cell, as all TopK SAEs of this format want it.`],
      wEnc: locate('encoder.weight', [d, n], true), bEnc: locate('latent_bias', [n]), bDec: locate('pre_bias', [d]),
      wDec: tensors.has(tied) ? locate(tied, [n, d]) : locate('decoder.weight', [n, d], true),
    });
  },
};

function topkOf(state: PickleValue | undefined, file: string): number {
  const [k, after] = state instanceof Map ? [state.get('k'), state.get('postact_fn')] : [];
  if (!Number.isInteger(k) || (k as number) < 1) throw new InputError(phrase`says no k`, { file, place: 'activation_state_dict', remedy: phrase`Download the SAE again; the file is damaged.` });
  if (after !== 'ReLU') throw new InputError(phrase`latents may be negative`, { file, place: 'activation_state_dict', remedy: phrase`Use an SAE whose TopK is followed by ReLU.` });
  return k as number;
}
