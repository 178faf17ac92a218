import { join } from 'node:path';
import { readJsonFile } from '../../base/jsonFile.ts';
import { phrase, type Phrase } from '../../base/phrase.ts';
import type { CheckpointFormat } from './checkpointFormat.ts';
import { readSparsify, readSparsifyConfig, sparsifyFiles } from './sparsify.ts';

/** Keys that sparsify has not. */
const ownKeys = ['batch_topk', 'sample_topk', 'input_unit_norm'];

/** SAeUron and SAEmnesia (SAE/sae.py): sparsify's files; inputs may be standardised, and TopK over a batch or a picture in training becomes TopK of each cell on loading. */
export const saeuron: CheckpointFormat = {
  name: 'SAeUron, SAEmnesia',
  describe: sparsifyFiles.config,
  async recognise(folder, found) {
    if (!found.has(sparsifyFiles.weights) || !found.has(sparsifyFiles.config)) return undefined;
    const config = await readJsonFile(join(folder, sparsifyFiles.config), { maxBytes: 2 ** 20 }).catch(() => undefined);
    return typeof config === 'object' && config !== null && ownKeys.some((key) => key in config) ? sparsifyFiles : undefined;
  },
  async read(folder, files) {
    const config = await readSparsifyConfig(folder);
    const notes: Phrase[] = [phrase`SAEs of SAeUron read the output of a block, not its update.`];
    if (config.batch_topk === true || config.sample_topk === true) notes.push(phrase`Trained with TopK over many cells; encodes with TopK of each cell, as its own code does.`);
    if (config.input_unit_norm === true) notes.push(phrase`Inputs are standardised cell by cell (input_unit_norm).`);
    return readSparsify(saeuron.name, folder, files, config, { treatment: config.input_unit_norm === true ? { kind: 'standardise' } : undefined, notes, usual: 'output' });
  },
};
