import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { npyHeader, parseNpy } from '../../../src/base/npy.ts';
import { bytesOf } from '../../../src/base/tensor.ts';
import type { DType, TensorData } from '../../../src/base/tensor.ts';

const file = 'x.npy';

function npy(dtype: DType, shape: readonly number[], data: TensorData): Uint8Array {
  return Buffer.concat([npyHeader(dtype, shape), bytesOf(data)]);
}

/** What numpy.save writes, version 1. */
function numpy(literal: string, data: Uint8Array): Uint8Array {
  const header = literal.padEnd(117) + '\n';
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(header), data]);
}

describe('npy', () => {
  it.each([
    ['float32', [2, 3], Float32Array.of(1, 2, 3, 4, 5, -6)],
    ['int64', [2], BigInt64Array.of(1n, -1n)],
    ['uint8', [], Uint8Array.of(7)],
    ['int32', [0, 4], new Int32Array(0)],
  ] as const)('reads back %s %j', (dtype, shape, data) => {
    expect(parseNpy(npy(dtype, shape, data), file)).toEqual({ dtype, shape, data });
  });

  it('reads what NumPy writes, half precision widened', () => {
    const bytes = numpy("{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }", bytesOf(Uint16Array.of(0x3c00, 0xc100)));
    expect(parseNpy(bytes, file)).toEqual({ dtype: 'float32', shape: [2], data: Float32Array.of(1, -2.5) });
  });

  it('keeps the length of its header while an array grows, at a multiple of 64', () => {
    expect(npyHeader('float32', [0, 96]).length).toBe(npyHeader('float32', [10 ** 12, 96]).length);
    expect(npyHeader('float32', [0, 96]).length % 64).toBe(0);
  });

  it.each([
    ['Fortran order', "{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }"],
    ['big-endian numbers', "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }"],
    ['Python objects', "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"],
    ['a shape beyond the file', "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }"],
  ])('refuses %s', (_, literal) => {
    expect(() => parseNpy(numpy(literal, new Uint8Array(4)), file)).toThrow(InputError);
  });

  it('reads or refuses any bytes, and never makes more than twice what it was given (half precision widens)', () => {
    const valid = npy('float32', [2, 3], new Float32Array(6));
    const damaged = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 }).map(changes => {
      const bytes = valid.slice();
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
    const truncated = fc.nat(valid.length).map(length => valid.subarray(0, length));
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), damaged, truncated), given => {
      try {
        expect(parseNpy(given, file).data.byteLength).toBeLessThanOrEqual(2 * given.length);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }), { numRuns: 1000, seed: 1 });
  });
});
