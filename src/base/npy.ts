import { InputError } from './errors.ts';
import { widenFloat16 } from './float16.ts';
import { bytesPerElement, elementsOf, sizeOf } from './tensor.ts';
import type { DType, Tensor } from './tensor.ts';

const magic = '\x93NUMPY';

const descriptors: Readonly<Record<DType, string>> = {
  float32: '<f4', float64: '<f8', float16: '<f2', int64: '<i8', int32: '<i4', int16: '<i2', int8: '|i1', uint8: '|u1', uint16: '<u2', bool: '|b1',
};

const dtypes = new Map(Object.entries(descriptors).map(([dtype, descriptor]) => [descriptor, dtype as DType]));

/** The header's dictionary: three keys, in any order, as a Python literal. */
const entry = {
  descr: /'descr':\s*'([^']*)'/,
  fortranOrder: /'fortran_order':\s*(True|False)/,
  shape: /'shape':\s*\(([\d,\s]*)\)/,
};

/** Parse a NumPy `.npy` file (NEP 1, versions 1-3, C order). Half precision stands widened to float32. @throws InputError */
export function parseNpy(bytes: Uint8Array, file: string): Tensor {
  const fail = (message: string, place: string, remedy = 'The file is damaged or truncated: write it again.'): InputError =>
    new InputError(message, { file, place, remedy });
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = bytes[6];
  if (bytes.length < 12 || buffer.toString('latin1', 0, 6) !== magic || version < 1 || version > 3) {
    throw fail('is not a .npy file of version 1 to 3', 'byte 0');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headerStart = version === 1 ? 10 : 12;
  const dataStart = headerStart + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataStart > bytes.length) {
    throw fail(`a header that ends at byte ${dataStart} does not fit a file of ${bytes.length}`, 'byte 8');
  }
  const header = buffer.toString('latin1', headerStart, dataStart);
  const [descriptor, fortranOrder, dimensions] = [entry.descr, entry.fortranOrder, entry.shape].map(pattern => pattern.exec(header)?.[1]);
  const dtype = descriptor === undefined ? undefined : dtypes.get(descriptor);
  if (dtype === undefined || dimensions === undefined || fortranOrder !== 'False') {
    throw fail(`unsupported header ${header.slice(0, 100).trim()}`, `byte ${headerStart}`,
      `Save the array in C order (np.ascontiguousarray) with one of the types ${[...dtypes.keys()].join(', ')}.`);
  }
  const shape = dimensions.split(',').filter(length => length.trim() !== '').map(Number);
  const length = sizeOf(shape) * bytesPerElement[dtype];
  if (length !== bytes.length - dataStart) {
    throw fail(`shape [${shape.join(', ')}] of ${dtype} needs ${length} bytes, the file has ${bytes.length - dataStart}`, `byte ${dataStart}`);
  }
  const data = elementsOf(dtype, bytes.subarray(dataStart));
  return dtype === 'float16' ? { dtype: 'float32', shape, data: widenFloat16(data as Uint16Array) } : { dtype, shape, data };
}

/**
 * Header of a version-1 `.npy` file, padded to a multiple of 64 bytes with room for the first length to grow, so that a file which
 * is appended to keeps its header's size.
 */
export function npyHeader(dtype: DType, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `${String(shape[0])},` : shape.join(', ');
  const literal = `{'descr': '${descriptors[dtype]}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const slack = 20 - String(shape[0] ?? '').length; // an int64 has at most 19 digits
  const length = Math.ceil((10 + literal.length + slack + 1) / 64) * 64;
  const header = Buffer.from(magic + '\x01\x00\x00\x00' + literal.padEnd(length - 11) + '\n', 'latin1');
  header.writeUInt16LE(length - 10, 8);
  return header;
}
