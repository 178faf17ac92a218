import { join } from 'node:path';
import { InputError } from '../../base/errors.ts';
import { phrase } from '../../base/phrase.ts';
import { readSafetensorsLayout } from '../../base/safetensors.ts';
import { locateTensor } from '../locateTensor.ts';
import type { CheckpointFormat } from './checkpointFormat.ts';
import { makeCheckpoint } from './makeCheckpoint.ts';
import { readSparsifyConfig, sparsifyFiles } from './sparsify.ts';

/** DiffLens (difflens/dissecting/train_sae/sae.py): sparsify's files, the weights 1x1 convolutions; no bias is subtracted, and the decoder has its own. */
export const difflens: CheckpointFormat = {
  name: 'DiffLens',
  describe: sparsifyFiles.config,
  async recognise(folder, found) {
    if (!found.has(sparsifyFiles.weights)) return undefined;
    const tensors = await readSafetensorsLayout(join(folder, sparsifyFiles.weights)).catch(() => undefined);
    return tensors?.get('encoder.weight')?.shape.length === 4 ? sparsifyFiles : undefined;
  },
  async read(folder, files) {
    const { d_in: d, n, k, file: config } = await readSparsifyConfig(folder);
    const file = join(folder, files.weights);
    const tensors = await readSafetensorsLayout(file);
    const kernel = tensors.get('encoder.weight')?.shape.slice(2) ?? [];
    if (kernel.some((length) => length !== 1)) {
      throw new InputError(phrase`is a convolution of ${kernel.join('x')} cells`, { file, place: 'encoder.weight', remedy: phrase`Use an SAE that looks at one cell at a time (kernel_size 1).` });
    }
    const locate = (name: string, shape: readonly number[], transposed = false) => locateTensor(tensors, { file, name, shape, transposed, config: sparsifyFiles.config });
    return makeCheckpoint({
      format: difflens.name, file, d, n, k, subtractBias: false, nonlinearity: { kind: 'topk' }, notes: [phrase`Weights are 1x1 convolutions, read as matrices.`],
      wEnc: locate('encoder.weight', [d, n], true), bEnc: locate('encoder.bias', [n]), wDec: locate('decoder.weight', [n, d], true), bDec: locate('decoder.bias', [d]),
    }, { file: config, place: '/k' });
  },
};
