import { InputError } from './errors.ts';
import { readRange, withFile } from './fileBytes.ts';
import { phrase, type Phrase } from './phrase.ts';
import { PickleGlobal, readPickle } from './pickle.ts';
import type { PickleRules, PickleValue } from './pickle.ts';
import { sizeOf } from './tensor.ts';
import { readZipDirectory } from './zip.ts';
import type { ZipMember } from './zip.ts';

/** A tensor of a PyTorch file, its elements still on disk: element [i, j] is number i · strides[0] + j · strides[1] from `offset` on. */
export class TorchTensor {
  /** As safetensors calls it, e.g. `F32`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** In elements. */
  readonly strides: readonly number[];
  /** Of the first element, in bytes from the start of the file. */
  readonly offset: number;
  /** Bytes from the first element to the end of the last. */
  readonly length: number;

  constructor(dtype: string, shape: readonly number[], strides: readonly number[], offset: number, length: number) {
    this.dtype = dtype;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.length = length;
  }
}

/** A storage of a pickle: elements of one type in a member of the archive. */
class Storage {
  readonly dtype: string;
  readonly width: number;
  readonly member: ZipMember;
  readonly elements: number;

  constructor(dtype: string, width: number, member: ZipMember, elements: number) {
    this.dtype = dtype;
    this.width = width;
    this.member = member;
    this.elements = elements;
  }
}

const storages: Readonly<Record<string, readonly [dtype: string, width: number]>> = {
  FloatStorage: ['F32', 4], DoubleStorage: ['F64', 8], HalfStorage: ['F16', 2], BFloat16Storage: ['BF16', 2], LongStorage: ['I64', 8], IntStorage: ['I32', 4],
  ShortStorage: ['I16', 2], CharStorage: ['I8', 1], ByteStorage: ['U8', 1], BoolStorage: ['BOOL', 1],
};

/** Element types that configurations name. */
const dtypes = ['float16', 'float32', 'float64', 'bfloat16', 'int8', 'int16', 'int32', 'int64', 'uint8', 'bool'];

/** The pickle of a state dictionary has a few kilobytes. */
const mostPickleBytes = 4 * 2 ** 20;
const mostDimensions = 8;

/** What PyTorch wrote before 1.6 begins with a pickled magic number, after the few bytes that a pickle of any protocol begins with. */
const oldMagic = Buffer.from('8a0a6cfc9c46f9206aa850192e', 'hex');

/**
 * Read what `torch.save` wrote (the zip format of PyTorch 1.6 and later): the saved value, its tensors as places in the file. Members are stored, so that weights can be mapped.
 * Nothing in the file is executed; what would be is refused by name.
 * @throws InputError when it is malformed, older, or holds more than tensors, plain containers, numbers and texts
 */
export async function readTorchFile(path: string): Promise<PickleValue> {
  return withFile(path, async (handle, size) => {
    const head = Buffer.from(await readRange(handle, 0, Math.min(size, 512), path));
    if (!head.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) throw notZip(head, path);
    const members = await readZipDirectory(handle, size, path);
    const pickles = [...members.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
    if (pickles.length !== 1 || [...members.keys()].some((name) => name.endsWith('/constants.pkl'))) {
      throw new InputError(phrase`is not what torch.save writes`, { file: path, remedy: phrase`Name a checkpoint; a TorchScript module or another archive is none. Save its tensors: torch.save(module.state_dict(), path).` });
    }
    const [pickle] = pickles;
    const root = pickle.slice(0, -'data.pkl'.length);
    await checkByteOrder(members.get(`${root}byteorder`), async (member) => readRange(handle, member.offset, member.length, path), path);
    const { offset, length } = members.get(pickle) ?? { offset: 0, length: 0 };
    if (length > mostPickleBytes) {
      throw new InputError(phrase`has ${length} bytes, more than the ${mostPickleBytes} allowed here`, { file: path, place: pickle, remedy: phrase`Save only the SAE's tensors: torch.save(module.state_dict(), path).` });
    }
    return readPickle(await readRange(handle, offset, length, path), rulesFor((key) => members.get(`${root}data/${key}`)), path, pickle);
  });
}

function notZip(head: Buffer, file: string): InputError {
  const old = head.subarray(0, 32).includes(oldMagic) || head.subarray(257, 262).toString('latin1') === 'ustar';
  const message: Phrase = old ? phrase`was written by PyTorch before 1.6, in a format that must be executed to be read` : phrase`is not a file of torch.save`;
  return new InputError(message, {
    file, remedy: old
      ? phrase`If you trust where it comes from, write it anew in Python: torch.save(torch.load(path, weights_only=True), path).`
      : phrase`Name a checkpoint saved by PyTorch; if this is one, it is damaged: download it again.`,
  });
}

async function checkByteOrder(member: ZipMember | undefined, read: (member: ZipMember) => Promise<Uint8Array>, file: string): Promise<void> {
  if (member === undefined) return; // older versions wrote on little-endian machines only
  const order = member.length > 16 ? '' : Buffer.from(await read(member)).toString('latin1');
  if (order !== 'little') throw new InputError(phrase`was written on a machine of another byte order`, { file, place: 'byteorder', remedy: phrase`Save it again on a little-endian machine.` });
}

/** What a state dictionary may name. @param find the member of a storage */
function rulesFor(find: (key: string) => ZipMember | undefined): PickleRules {
  const known = new Map<string, Storage>();
  return {
    globals: new Map<string, ((args: readonly PickleValue[]) => PickleValue) | undefined>([
      ['collections OrderedDict', (args) => {
        if (args.length > 0) throw new RangeError('an OrderedDict is made of something');
        return new Map<string | number, PickleValue>();
      }],
      ['torch._utils _rebuild_tensor_v2', rebuildTensor],
      ['torch._utils _rebuild_parameter', ([data]) => {
        if (!(data instanceof TorchTensor)) throw new RangeError('a parameter is no tensor');
        return data;
      }],
      ['torch Size', ([dims = []]) => dims],
      ...Object.keys(storages).map((name) => [`torch ${name}`, undefined] as const),
      ...dtypes.map((name) => [`torch ${name}`, undefined] as const),
    ]),
    persistent(id) {
      const [kind, type, key, , elements] = Array.isArray(id) && id.length === 5 ? id as PickleValue[] : [];
      const name = type instanceof PickleGlobal ? type.name.slice('torch '.length) : '';
      if (kind !== 'storage' || !Object.hasOwn(storages, name) || typeof key !== 'string' || !isCount(elements)) throw new RangeError('a persistent id is no storage');
      const member = find(key);
      const [dtype, width] = storages[name];
      if (member?.length !== elements * width) throw new RangeError(`the storage ${key.slice(0, 20)} has not the bytes of ${elements} elements`);
      const storage = known.get(key) ?? new Storage(dtype, width, member, elements);
      if (storage.dtype !== dtype) throw new RangeError('a storage has two types');
      known.set(key, storage);
      return storage;
    },
  };
}

/** A tensor may show an element of its storage many times (`expand`), as a bias of one number does; no matrix of weights is made so, and reading it takes as much memory as it shows. */
const mostExpanded = 2 ** 20;

/** The arguments of PyTorch's function of that name: storage, offset, size, stride, two that do not matter here, and what the numbers of complex tensors are yet to be made of. */
function rebuildTensor([storage, first, shape, strides, , , views]: readonly PickleValue[]): TorchTensor {
  if (!(storage instanceof Storage) || !isCount(first) || !areCounts(shape) || !areCounts(strides) || shape.length !== strides.length || shape.length > mostDimensions) {
    throw new RangeError('a tensor is not described as PyTorch does');
  }
  const elements = sizeOf(shape);
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis], 0);
  if (elements === 0) return new TorchTensor(storage.dtype, [...shape], [...strides], storage.member.offset, 0);
  if (views instanceof Map && [...views.values()].includes(true)) throw new RangeError('a tensor is a negative or conjugate view of its storage');
  if (elements > Math.max(storage.elements, mostExpanded) || !Number.isSafeInteger(last) || first + last >= storage.elements) throw new RangeError('a tensor leaves its storage');
  return new TorchTensor(storage.dtype, [...shape], [...strides], storage.member.offset + first * storage.width, (last + 1) * storage.width);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}
