import { join } from 'node:path';
import * as Type from 'typebox';
import { checkShape } from '../../base/checkShape.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { phrase, type Phrase } from '../../base/phrase.ts';
import { readTorchFile } from '../../base/torchFile.ts';
import { locateTensor } from '../locateTensor.ts';
import type { CheckpointFormat } from './checkpointFormat.ts';
import { makeCheckpoint } from './makeCheckpoint.ts';
import { stateDictOf } from './stateDict.ts';

const names = { config: 'config.json', weights: 'state_dict.pth' } as const;

const configSchema = Type.Object({ n_dirs_local: Type.Integer({ minimum: 1 }), d_model: Type.Integer({ minimum: 1 }), k: Type.Integer({ minimum: 1 }) });

/** sdxl-unbox and RIEBench (SAE/sae.py): TopK, then ReLU; the decoder lies column by column. `mean.pt` and `std.pt` are of the latents, for scaling edits; encoding reads neither. */
export const sdxlUnbox: CheckpointFormat = {
  name: 'sdxl-unbox, RIEBench',
  describe: `${names.config} and ${names.weights}`,
  recognise: (_, found) => (found.has(names.weights) ? names : undefined),
  async read(folder, files) {
    const config = join(folder, names.config);
    const { n_dirs_local: n, d_model: d, k } = checkShape(configSchema, await readJsonFile(config, { maxBytes: 2 ** 20 }), config, phrase`Use an SAE saved by sdxl-unbox.`);
    const file = join(folder, files.weights);
    const root = await readTorchFile(file);
    const { tensors } = stateDictOf(root instanceof Map ? root.get('state_dict') ?? root : root, file, 'state_dict');
    const locate = (name: string, shape: readonly number[], transposed = false) => locateTensor(tensors, { file, name, shape, transposed, config: names.config });
    const wDec = locate('decoder.weight', [n, d], true);
    const notes: Phrase[] = wDec.transposed === true ? [] : [phrase`decoder.weight is stored column by column; its strides are followed.`];
    return makeCheckpoint({
      format: sdxlUnbox.name, file, d, n, k, subtractBias: true, nonlinearity: { kind: 'topk' }, usual: 'update', notes,
      wEnc: locate('encoder.weight', [d, n], true), bEnc: tensors.has('latent_bias') ? locate('latent_bias', [n]) : undefined, wDec, bDec: locate('pre_bias', [d]),
    }, { file: config, place: '/k' });
  },
};
