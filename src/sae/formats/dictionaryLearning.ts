import { join } from 'node:path';
import * as Type from 'typebox';
import { checkShape } from '../../base/checkShape.ts';
import { InputError } from '../../base/errors.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { phrase, type Phrase } from '../../base/phrase.ts';
import { sizeOf } from '../../base/tensor.ts';
import { readTorchFile } from '../../base/torchFile.ts';
import type { Nonlinearity, WeightLocation } from '../../instrument/siteEncoder.ts';
import { locateTensor } from '../locateTensor.ts';
import type { CheckpointFormat } from './checkpointFormat.ts';
import { makeCheckpoint } from './makeCheckpoint.ts';
import { readNumbers } from './readNumbers.ts';
import { stateDictOf } from './stateDict.ts';
import type { StateDict } from './stateDict.ts';

const names = { config: 'config.json', weights: 'ae.pt' } as const;

/** Left open: trainers write what they like. */
const configSchema = Type.Object({
  trainer: Type.Object({
    dict_class: Type.String(),
    activation_dim: Type.Optional(Type.Integer({ minimum: 1 })),
    dict_size: Type.Optional(Type.Integer({ minimum: 1 })),
    k: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
});

/** dictionary_learning (dictionary.py, trainers/*.py), by the class that its configuration names: BatchTopK and TopK have the same tensors. */
export const dictionaryLearning: CheckpointFormat = {
  name: 'dictionary_learning',
  describe: `${names.config} and ${names.weights}`,
  recognise: (_, found) => (found.has(names.weights) ? names : undefined),
  async read(folder, files) {
    const config = join(folder, names.config);
    const { trainer: { dict_class: kind, k } } = checkShape(configSchema, await readJsonFile(config, { maxBytes: 2 ** 20 }), config, phrase`Use an SAE saved by dictionary_learning, its config.json beside it.`);
    if (!Object.hasOwn(classes, kind)) {
      throw new InputError(phrase`the class ${kind} is not supported`, { file: config, place: '/trainer/dict_class', remedy: phrase`Use one of ${Object.keys(classes).join(', ')}.` });
    }
    const file = join(folder, files.weights);
    const root = stateDictOf(await readTorchFile(file), file);
    const inner = root.others.get('ae'); // a backup made during training: in the units of activations that were divided by a factor
    const state = inner === undefined ? root : stateDictOf(inner, file, 'ae');
    const biasScale = inner === undefined ? undefined : normFactor(root, file);
    const parts = await classes[kind](state, file, k);
    const notes: Phrase[] = [...parts.notes ?? [], ...biasScale === undefined ? [] : [phrase`A backup made during training: its biases are multiplied by norm_factor ${biasScale}, as the library does on saving.`]];
    if (parts.wEnc.transposed !== true && state.tensors.has('encoder.weight')) notes.push(phrase`encoder.weight is stored column by column; its strides are followed.`);
    return makeCheckpoint({ format: `${dictionaryLearning.name} ${kind}`, file, ...parts, biasScale, notes }, { file: config, place: '/trainer/k' });
  },
};

type Parts = Omit<Parameters<typeof makeCheckpoint>[0], 'format' | 'file'>;
type Reader = (state: StateDict, file: string, k: number | undefined) => Promise<Parts> | Parts;

function normFactor({ others }: StateDict, file: string): number {
  const factor = others.get('norm_factor') ?? 1;
  if (typeof factor !== 'number' || !Number.isFinite(factor) || factor <= 0) {
    throw new InputError(phrase`norm_factor is no positive number`, { file, place: 'norm_factor', remedy: phrase`Use the ae.pt that the library saves at the end of training.` });
  }
  return factor;
}

/** W_enc and W_dec of linear layers, [n, d] and [d, n]. */
function linear({ tensors }: StateDict, file: string, bias: string, encoderBias?: string) {
  const [n, d] = tensors.get('encoder.weight')?.shape ?? [0, 0];
  const locate = (name: string, shape: readonly number[], transposed = false) => locateTensor(tensors, { file, name, shape, transposed });
  return {
    d, n, wEnc: locate('encoder.weight', [d, n], true), bEnc: encoderBias === undefined ? undefined : locate(encoderBias, [n]),
    wDec: locate('decoder.weight', [n, d], true), bDec: locate(bias, [d]),
  };
}

/** W_enc [d, n] and W_dec [n, d] under these names. */
function matrices({ tensors }: StateDict, file: string) {
  const [d, n] = tensors.get('W_enc')?.shape ?? [0, 0];
  const locate = (name: string, shape: readonly number[]) => locateTensor(tensors, { file, name, shape });
  return { d, n, wEnc: locate('W_enc', [d, n]), bEnc: locate('b_enc', [n]), wDec: locate('W_dec', [n, d]), bDec: locate('b_dec', [d]) };
}

async function batchTopk({ tensors }: StateDict, file: string): Promise<{ nonlinearity: Nonlinearity; notes: readonly Phrase[] }> {
  const threshold = await scalar(tensors.get('threshold'), file, 'threshold');
  return {
    nonlinearity: threshold < 0 ? { kind: 'relu' } : { kind: 'threshold', threshold },
    notes: [threshold < 0 ? phrase`Its threshold was never set: all positive latents are active.` : phrase`Latents above the threshold ${Number(threshold.toPrecision(6))} are active, as the library encodes by default.`],
  };
}

async function scalar(tensor: WeightLocation | undefined, file: string, name: string): Promise<number> {
  const [value] = tensor === undefined || sizeOf(tensor.shape) !== 1 ? [NaN] : await readNumbers(file, tensor);
  if (!Number.isFinite(value)) throw new InputError(phrase`is no single number`, { file, place: name, remedy: phrase`Download the SAE again; the file is damaged.` });
  return value;
}

const classes: Readonly<Record<string, Reader>> = {
  // The library's loader scales latents by the lengths of the decoder's columns.
  AutoEncoder: (state, file) => ({ ...linear(state, file, 'bias', 'encoder.bias'), subtractBias: true, nonlinearity: { kind: 'relu' }, byDecoderNorm: true }),
  AutoEncoderNew: (state, file) => ({ ...linear(state, file, 'decoder.bias', 'encoder.bias'), subtractBias: false, nonlinearity: { kind: 'relu' } }),
  async AutoEncoderTopK(state, file, asked) {
    const k = state.tensors.has('k') ? await scalar(state.tensors.get('k'), file, 'k') : asked;
    if (k === undefined || (asked !== undefined && asked !== k)) {
      throw new InputError(phrase`k is ${k ?? NaN}, ${names.config} says ${asked ?? NaN}`, { file, place: 'k', remedy: phrase`Put the ${names.config} of this very SAE beside it.` });
    }
    return { ...linear(state, file, 'b_dec', 'encoder.bias'), k, subtractBias: true, nonlinearity: { kind: 'topk' } };
  },
  BatchTopKSAE: async (state, file) => ({ ...linear(state, file, 'b_dec', 'encoder.bias'), subtractBias: true, ...await batchTopk(state, file) }),
  MatryoshkaBatchTopKSAE: async (state, file) => ({ ...matrices(state, file), subtractBias: true, ...await batchTopk(state, file) }),
  JumpReluAutoEncoder: (state, file) => {
    const parts = matrices(state, file);
    return { ...parts, subtractBias: false, nonlinearity: { kind: 'threshold', threshold: locateTensor(state.tensors, { file, name: 'threshold', shape: [parts.n] }) } };
  },
  GatedAutoEncoder: (state, file) => {
    const parts = linear(state, file, 'decoder_bias');
    const locate = (name: string) => locateTensor(state.tensors, { file, name, shape: [parts.n] });
    return { ...parts, subtractBias: true, nonlinearity: { kind: 'gated', gateBias: locate('gate_bias'), magnitudeBias: locate('mag_bias'), logScale: locate('r_mag') } };
  },
};

