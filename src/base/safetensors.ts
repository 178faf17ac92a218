import { InputError } from './errors.ts';
import { phrase, type Phrase } from './phrase.ts';
import { readFileBytes, readRange, withFile } from './fileBytes.ts';
import { widenBfloat16, widenFloat16 } from './float16.ts';
import { bytesOf, elementsOf, sizeOf } from './tensor.ts';
import type { DType, Tensor } from './tensor.ts';

/** The content of a safetensors file. F16 and BF16 stand widened to float32. */
export interface SafetensorsFile {
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Record<string, string>;
}

/** Where one tensor lies: `offset` and `length` in bytes, counted from the start of the file. */
export interface TensorLocation {
  /** The format's own name, e.g. `F32`, `BF16`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

interface Element {
  readonly width: number;
  readonly dtype: DType;
  readonly widen?: (bits: Uint16Array) => Float32Array;
}

const elements: ReadonlyMap<unknown, Element> = new Map<string, Element>([
  ['F64', { width: 8, dtype: 'float64' }],
  ['F32', { width: 4, dtype: 'float32' }],
  ['F16', { width: 2, dtype: 'uint16', widen: widenFloat16 }],
  ['BF16', { width: 2, dtype: 'uint16', widen: widenBfloat16 }],
  ['I64', { width: 8, dtype: 'int64' }],
  ['I32', { width: 4, dtype: 'int32' }],
  ['I16', { width: 2, dtype: 'int16' }],
  ['I8', { width: 1, dtype: 'int8' }],
  ['U16', { width: 2, dtype: 'uint16' }],
  ['U8', { width: 1, dtype: 'uint8' }],
  ['BOOL', { width: 1, dtype: 'bool' }],
]);

const nameOf: Readonly<Record<DType, string>> = {
  float64: 'F64', float32: 'F32', float16: 'F16', int64: 'I64', int32: 'I32', int16: 'I16', int8: 'I8', uint16: 'U16', uint8: 'U8', bool: 'BOOL',
};

/** The format allows 100 MB; no SAE or trace comes near, and a header is read whole, also where nobody may wait for it. */
const maxHeaderBytes = 4 * 2 ** 20;

/** What a file says about its tensors. */
interface Header {
  readonly layout: Map<string, TensorLocation>;
  readonly metadata: Record<string, string>;
}

function malformed(message: Phrase, file: string, place: string): InputError {
  return new InputError(message, { file, place, remedy: phrase`The file is damaged or truncated: copy, download or write it again.` });
}

function headerLength(prefix: Uint8Array, fileSize: number, file: string): number {
  if (fileSize < 8) {
    throw malformed(phrase`${fileSize} bytes are too few for a safetensors file`, file, 'byte 0');
  }
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true));
  if (length > Math.min(fileSize - 8, maxHeaderBytes)) {
    throw malformed(phrase`a header of ${length} bytes does not fit a file of ${fileSize}`, file, 'byte 0');
  }
  return length;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Read and check a header: known types, sizes that agree with shapes, and data that fill the file without gap or overlap. */
function parseHeader(json: Uint8Array, fileSize: number, file: string): Header {
  let entries: unknown;
  try {
    entries = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (error) {
    throw malformed(phrase`the header is not JSON (${(error as Error).message})`, file, 'byte 8');
  }
  if (!isRecord(entries)) {
    throw malformed(phrase`the header is not a JSON object`, file, 'byte 8');
  }
  const dataStart = 8 + json.length;
  const layout = new Map<string, TensorLocation>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(entries)) {
    if (name === '__metadata__') {
      if (!isRecord(entry) || !Object.values(entry).every(value => typeof value === 'string')) {
        throw malformed(phrase`metadata must map strings to strings`, file, name);
      }
      metadata = entry as Record<string, string>;
    } else {
      layout.set(name, tensorLocation(entry, dataStart, file, name));
    }
  }
  let end = dataStart;
  for (const [name, { offset, length }] of [...layout].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length)) {
    if (offset !== end) {
      throw malformed(phrase`data begin at byte ${offset}, expected ${end}`, file, name);
    }
    end += length;
  }
  if (end !== fileSize) {
    throw malformed(phrase`the header describes ${end} bytes, the file has ${fileSize}`, file, `byte ${Math.min(end, fileSize)}`);
  }
  return { layout, metadata };
}

function elementOf(dtype: unknown, file: string, name: string): Element {
  const element = elements.get(dtype);
  if (element === undefined) {
    throw new InputError(phrase`elements of type ${JSON.stringify(dtype)} are not supported`, {
      file, place: name, remedy: phrase`Convert the tensor to one of ${[...elements.keys()].join(', ')}.`,
    });
  }
  return element;
}

function tensorLocation(entry: unknown, dataStart: number, file: string, name: string): TensorLocation {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  const { width } = elementOf(dtype, file, name);
  if (!Array.isArray(shape) || !shape.every(isCount) || !Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw malformed(phrase`shape or data_offsets are not lists of whole numbers`, file, name);
  }
  const [begin = 0, end = 0] = offsets;
  if (end - begin !== sizeOf(shape) * width) {
    throw malformed(phrase`${end - begin} bytes do not hold shape [${shape.join(', ')}] of ${String(dtype)}`, file, name);
  }
  return { dtype: String(dtype), shape, offset: dataStart + begin, length: end - begin };
}

/** Parse a whole file; tensors are views into `bytes` where alignment allows. @throws InputError naming `file` and the tensor */
export function parseSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const length = headerLength(bytes, bytes.length, file);
  const { layout, metadata } = parseHeader(bytes.subarray(8, 8 + length), bytes.length, file);
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype: fileType, shape, offset, length: byteLength }] of layout) {
    const { dtype, widen } = elementOf(fileType, file, name);
    const data = elementsOf(dtype, bytes.subarray(offset, offset + byteLength));
    tensors.set(name, widen ? { dtype: 'float32', shape, data: widen(data as Uint16Array) } : { dtype, shape, data });
  }
  return { tensors, metadata };
}

/** Read and parse the file at `path`. @throws InputError */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  return parseSafetensors(await readFileBytes(path), path);
}

/** Read only the header: where each tensor lies, its weights untouched. @throws InputError */
export async function readSafetensorsLayout(path: string): Promise<Map<string, TensorLocation>> {
  return (await readSafetensorsHeader(path)).layout;
}

/** Read only the header. @throws InputError */
export async function readSafetensorsHeader(path: string): Promise<Header> {
  return withFile(path, async (handle, size) => {
    const length = headerLength(await readRange(handle, 0, Math.min(size, 8), path), size, path);
    return parseHeader(await readRange(handle, 8, length, path), size, path);
  });
}

/** The bytes of a safetensors file; float16 tensors are written from their bits. @throws RangeError when a shape and its data disagree */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  // Widest elements first, as the reference writer does: then every tensor is aligned to its own width.
  const entries = [...(tensors instanceof Map ? tensors : Object.entries(tensors as Record<string, Tensor>))] as [string, Tensor][];
  entries.sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const header = new Map<string, unknown>(metadata === undefined ? [] : [['__metadata__', metadata]]);
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    if (sizeOf(shape) !== data.length) {
      throw new RangeError(`${name}: shape [${shape.join(', ')}] does not hold ${data.length} elements`);
    }
    header.set(name, { dtype: nameOf[dtype], shape, data_offsets: [end, end += data.byteLength] });
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const dataStart = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(dataStart + end).fill(0x20, 8, dataStart);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.set(json, 8);
  let offset = dataStart;
  for (const [, { data }] of entries) {
    bytes.set(bytesOf(data), offset);
    offset += data.byteLength;
  }
  return bytes;
}
