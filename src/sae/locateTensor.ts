import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { TensorLocation } from '../base/safetensors.ts';
import { TorchTensor } from '../base/torchFile.ts';
import { sizeOf } from '../base/tensor.ts';
import type { WeightLocation } from '../instrument/siteEncoder.ts';

/** Element types that weights may have. */
const weightTypes = ['F32', 'F64', 'F16', 'BF16'];

/** The tensors of a checkpoint's file by name, wherever it keeps them. */
export type Tensors = ReadonlyMap<string, TensorLocation | TorchTensor>;

/** A weight that is looked for. */
export interface Wanted {
  readonly file: string;
  readonly name: string;
  /** Of the weight as `SaeWeights` has it. */
  readonly shape: readonly number[];
  /** The file holds its transpose under that name. */
  readonly transposed?: boolean;
  /** The file that says how large it should be. */
  readonly config?: string;
}

/**
 * Where a weight lies. Axes of length 1 beyond the second, as 1x1 convolutions have, are passed over; of PyTorch's strides, those of a matrix and of its transpose can be mapped.
 * @throws InputError when it is missing, of another shape or of a type that no weights have
 */
export function locateTensor(tensors: Tensors, { file, name, shape, transposed = false, config }: Wanted): WeightLocation {
  const tensor = tensors.get(name);
  if (tensor === undefined) {
    throw new InputError(phrase`this tensor is missing`, { file, place: name, remedy: phrase`The file holds ${[...tensors.keys()].slice(0, 20).join(', ')}: save or download it again.` });
  }
  const stored = transposed ? [...shape].reverse() : shape;
  const own = tensor.shape.slice(0, shape.length);
  if (own.join() !== stored.join() || sizeOf(tensor.shape) !== sizeOf(stored)) {
    throw new InputError(config === undefined ? phrase`has shape [${tensor.shape.join(', ')}], expected [${stored.join(', ')}]` : phrase`has shape [${tensor.shape.join(', ')}], ${config} says [${stored.join(', ')}]`, {
      file, place: name, remedy: config === undefined ? phrase`Download the whole SAE again; its files are of different ones.` : phrase`Put the ${config} of this very SAE beside it.`,
    });
  }
  if (!weightTypes.includes(tensor.dtype)) {
    throw new InputError(phrase`is of type ${tensor.dtype}`, { file, place: name, remedy: phrase`Save the SAE in float32.` });
  }
  const { dtype, offset, length } = tensor;
  const strides = tensor instanceof TorchTensor ? tensor.strides.slice(0, shape.length) : rowMajor(stored);
  const location = (bytes: readonly number[], turned: boolean): WeightLocation => ({ name, dtype, shape: bytes, offset, length, ...turned && { transposed: true } });
  if (matches(strides, rowMajor(stored), stored)) return location(stored, transposed);
  const turned = [...stored].reverse();
  if (matches([...strides].reverse(), rowMajor(turned), turned)) return location(turned, !transposed);
  return { ...location(stored, transposed), strides };
}

function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Strides along axes of length 1 say nothing. */
function matches(strides: readonly number[], wanted: readonly number[], shape: readonly number[]): boolean {
  return strides.every((stride, axis) => stride === wanted[axis] || shape[axis] === 1);
}
