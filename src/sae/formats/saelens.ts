import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as Type from 'typebox';
import { writeFileAtomic } from '../../base/atomicFile.ts';
import { checkShape } from '../../base/checkShape.ts';
import { InputError } from '../../base/errors.ts';
import { phrase, type Phrase } from '../../base/phrase.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { encodeSafetensors, readSafetensors, readSafetensorsLayout } from '../../base/safetensors.ts';
import type { TensorLocation } from '../../base/safetensors.ts';
import type { Tensor } from '../../base/tensor.ts';
import type { Checkpoint, SaeLayout, SaeWeights } from '../sae.ts';
import type { CheckpointFormat } from './checkpointFormat.ts';

const files = { config: 'cfg.json', weights: 'sae_weights.safetensors' } as const;

/** Left open: SAELens adds keys that change nothing in the forward pass. */
const configSchema = Type.Object({
  architecture: Type.String(),
  d_in: Type.Integer({ minimum: 1 }),
  d_sae: Type.Integer({ minimum: 1 }),
  k: Type.Integer({ minimum: 1 }),
  apply_b_dec_to_input: Type.Optional(Type.Boolean()),
  normalize_activations: Type.Optional(Type.String()),
  rescale_acts_by_decoder_norm: Type.Optional(Type.Boolean()),
});

const names: Readonly<Record<keyof SaeWeights, string>> = { wEnc: 'W_enc', bEnc: 'b_enc', wDec: 'W_dec', bDec: 'b_dec' };

/** SAELens 6 and later, `TopKSAE` (sae_lens/saes/topk_sae.py): TopK, then ReLU. */
export const saelens: CheckpointFormat = {
  name: 'SAELens',
  configFile: files.config,
  weightsFile: files.weights,
  read: readSaelens,
};

async function readSaelens(folder: string): Promise<Checkpoint> {
  const { d_in: d, d_sae: n, k, apply_b_dec_to_input: subtractBias = true } = await readConfig(join(folder, files.config));
  const file = join(folder, files.weights);
  const locations = await readSafetensorsLayout(file);
  const locate = (name: string, shape: readonly number[]) => locateTensor(locations, { file, name, shape });
  const layout: SaeLayout = {
    wEnc: locate(names.wEnc, [d, n]), bEnc: locate(names.bEnc, [n]), wDec: locate(names.wDec, [n, d]), bDec: locate(names.bDec, [d]),
  };
  return { file, d, n, k, subtractBias, layout, weights: () => readWeights(file) };
}

async function readConfig(file: string) {
  const config = checkShape(configSchema, await readJsonFile(file, { maxBytes: 2 ** 20 }), file, phrase`Use a TopK SAE saved by SAELens 6 or later.`);
  const refuse = (key: keyof typeof config, remedy: Phrase) =>
    new InputError(phrase`${key} ${JSON.stringify(config[key])} is not supported`, { file, place: `/${key}`, remedy });
  if (config.architecture !== 'topk') throw refuse('architecture', phrase`Use an SAE with the architecture "topk".`);
  if ((config.normalize_activations ?? 'none') !== 'none') {
    throw refuse('normalize_activations', phrase`Fold the normalisation into the weights in SAELens and save again with "none".`);
  }
  if (config.rescale_acts_by_decoder_norm === true) {
    throw refuse('rescale_acts_by_decoder_norm', phrase`Call fold_W_dec_norm in SAELens and save again.`);
  }
  if (config.k > config.d_sae) {
    throw new InputError(phrase`k ${config.k} is more than the ${config.d_sae} latents`, { file, place: '/k', remedy: phrase`Set k to the value the SAE was trained with, at most ${config.d_sae}.` });
  }
  return config;
}

function locateTensor(
  locations: ReadonlyMap<string, TensorLocation>, { file, name, shape }: { file: string; name: string; shape: readonly number[] },
): TensorLocation {
  const location = locations.get(name);
  if (location === undefined) {
    throw new InputError(phrase`this tensor is missing`, { file, place: name, remedy: phrase`A SAELens file holds ${Object.values(names).join(', ')}: save or download it again.` });
  }
  if (location.shape.join() !== shape.join()) {
    throw new InputError(phrase`has shape [${location.shape.join(', ')}], ${files.config} says [${shape.join(', ')}]`, {
      file, place: name, remedy: phrase`Put the ${files.config} of this very SAE beside it.`,
    });
  }
  if (location.dtype !== 'F32') {
    throw new InputError(phrase`is of type ${location.dtype}`, { file, place: name, remedy: phrase`Save the SAE in float32.` });
  }
  return location;
}

async function readWeights(file: string): Promise<SaeWeights> {
  const { tensors } = await readSafetensors(file);
  const tensor = (name: string): Tensor<Float32Array> => {
    const found = tensors.get(name) as Tensor<Float32Array> | undefined;
    const bad = found?.data.findIndex((value) => !Number.isFinite(value)) ?? 0;
    if (found === undefined || bad >= 0) {
      throw new InputError(found === undefined ? phrase`this tensor is missing` : phrase`element ${bad} is ${found.data[bad]}`, {
        file, place: name, remedy: phrase`The SAE is damaged or its training diverged: download it again, or train with a lower learning rate.`,
      });
    }
    return found;
  };
  return { wEnc: tensor(names.wEnc), bEnc: tensor(names.bEnc), wDec: tensor(names.wDec), bDec: tensor(names.bDec) };
}

/** What SAELens wants to know about an SAE besides its weights. */
export interface SaelensDescription {
  readonly k: number;
  readonly site: string;
  readonly model: string;
}

/** Write a TopK SAE that `SAE.load_from_disk` of SAELens 6 reads. @throws InputError when it cannot be written */
export async function writeSaelens(folder: string, { wEnc, bEnc, wDec, bDec }: SaeWeights, { k, site, model }: SaelensDescription): Promise<void> {
  const [d, n] = wEnc.shape;
  const config = {
    architecture: 'topk', d_in: d, d_sae: n, k, dtype: 'float32', device: 'cpu', apply_b_dec_to_input: true, normalize_activations: 'none',
    reshape_activations: 'none', rescale_acts_by_decoder_norm: false, metadata: { model_name: model, hook_name: site },
  };
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(join(folder, files.weights), encodeSafetensors({ [names.wEnc]: wEnc, [names.bEnc]: bEnc, [names.wDec]: wDec, [names.bDec]: bDec }));
  await writeFileAtomic(join(folder, files.config), `${JSON.stringify(config, undefined, 2)}\n`);
}
