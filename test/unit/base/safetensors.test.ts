import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { encodeSafetensors, parseSafetensors, readSafetensorsLayout } from '../../../src/base/safetensors.ts';
import { float32 } from '../../../src/base/tensor.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const file = 'x.safetensors';
const valid = encodeSafetensors({
  mask: { dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) },
  weights: float32(Float32Array.of(1.5, -2, 0, 4, 5, 6), [2, 3]),
  indices: { dtype: 'int64', shape: [1], data: BigInt64Array.of(-7n) },
  empty: float32(new Float32Array(0), [0, 5]),
}, { format: 'pt' });

/** A file with the header given, and so many bytes of data. */
function withHeader(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe('safetensors', () => {
  it('reads back what it wrote, in any mixture of types', () => {
    const { tensors, metadata } = parseSafetensors(valid, file);
    expect(metadata).toEqual({ format: 'pt' });
    expect(tensors.get('weights')).toEqual(float32(Float32Array.of(1.5, -2, 0, 4, 5, 6), [2, 3]));
    expect(tensors.get('indices')?.data).toEqual(BigInt64Array.of(-7n));
    expect(tensors.get('mask')?.data).toEqual(Uint8Array.of(1, 2, 3));
    expect(tensors.get('empty')?.shape).toEqual([0, 5]);
  });

  it('widens half precision exactly', () => {
    const header = { half: { dtype: 'F16', shape: [5], data_offsets: [0, 10] }, brain: { dtype: 'BF16', shape: [2], data_offsets: [10, 14] } };
    const bytes = withHeader(header, 14);
    const view = new DataView(bytes.buffer, bytes.length - 14);
    [0x3c00, 0xc000, 0x0001, 0x7c00, 0x3555].forEach((bits, i) => { view.setUint16(2 * i, bits, true); });
    [0x3f80, 0xc2f7].forEach((bits, i) => { view.setUint16(10 + 2 * i, bits, true); });
    const { tensors } = parseSafetensors(bytes, file);
    expect(tensors.get('half')?.data).toEqual(Float32Array.of(1, -2, 2 ** -24, Infinity, 0.333251953125));
    expect(tensors.get('brain')?.data).toEqual(Float32Array.of(1, -123.5));
  });

  it('tells where tensors lie without reading them', async () => {
    const path = join(await temporaryFolder(), file);
    await writeFile(path, valid);
    const { offset, length, shape } = (await readSafetensorsLayout(path)).get('weights') ?? { offset: 0, length: 0, shape: [] };
    expect(shape).toEqual([2, 3]);
    expect(new Float32Array(valid.slice(offset, offset + length).buffer)[0]).toBe(1.5);
  });

  it.each([
    ['data beyond the file', { a: { dtype: 'F32', shape: [2 ** 40], data_offsets: [0, 2 ** 42] } }, 8],
    ['a hole', { a: { dtype: 'U8', shape: [1], data_offsets: [1, 2] } }, 2],
    ['an overlap', { a: { dtype: 'U8', shape: [2], data_offsets: [0, 2] }, b: { dtype: 'U8', shape: [2], data_offsets: [1, 3] } }, 3],
    ['bytes that nobody owns', { a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } }, 2],
    ['a shape that its bytes do not hold', { a: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, 8],
    ['a negative length', { a: { dtype: 'U8', shape: [-1], data_offsets: [0, 1] } }, 1],
    ['an unknown type', { a: { dtype: 'C64', shape: [1], data_offsets: [0, 8] } }, 8],
    ['a name of Object.prototype as type', { a: { dtype: 'toString', shape: [1], data_offsets: [0, 8] } }, 8],
    ['no object', [1, 2], 0],
  ])('refuses %s and names the tensor', (_, header, dataBytes) => {
    const refused = (): unknown => parseSafetensors(withHeader(header, dataBytes), file);
    expect(refused).toThrow(InputError);
    expect(refused).toThrow(expect.objectContaining({ file, place: expect.stringMatching(/^(a|b|byte \d+)$/) as string }) as Error);
  });

  it('refuses a header too long to be read in passing', () => {
    const bytes = new Uint8Array(8 + 5 * 2 ** 20).fill(0x20, 8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
    expect(() => parseSafetensors(bytes, file)).toThrow('does not fit');
  });

  it('refuses every truncation', () => {
    for (let length = 0; length < valid.length; length++) {
      expect(() => parseSafetensors(valid.subarray(0, length), file), `${length} bytes`).toThrow(InputError);
    }
  });

  it('reads or refuses any bytes, and never makes more than twice what it was given (half precision widens)', () => {
    const damaged = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 }).map(changes => {
      const bytes = valid.slice();
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
    const nonsense = fc.record({ dtype: fc.constantFrom('F32', 'F16', 'X'), shape: fc.array(fc.double()), data_offsets: fc.array(fc.nat()) });
    const header = fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), nonsense));
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged, fc.tuple(header, fc.nat(64)).map(args => withHeader(...args)));
    fc.assert(fc.property(bytes, given => {
      try {
        const { tensors } = parseSafetensors(given, file);
        const made = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
        expect(made).toBeLessThanOrEqual(2 * given.length);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }), { numRuns: 1000, seed: 1 });
  });
});
