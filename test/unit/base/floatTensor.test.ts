import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { narrowFloat16, widenFloat16 } from '../../../src/base/float16.ts';
import { asFloat32, floatAs } from '../../../src/base/floatTensor.ts';
import { float32 } from '../../../src/base/tensor.ts';

describe('half precision', () => {
  it('goes back and forth without change, for every number there is', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits).filter((bits) => (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0);
    expect(narrowFloat16(widenFloat16(all))).toEqual(all);
  });

  it('is the nearest, of two equally near the even one', () => {
    fc.assert(fc.property(fc.float({ noNaN: true, min: Math.fround(-70000), max: Math.fround(70000) }), (value) => {
      const [bits] = narrowFloat16(Float32Array.of(value));
      const magnitude = bits & 0x7fff;
      const of = (near: number): number => widenFloat16(Uint16Array.of(near))[0];
      const distance = Math.abs((magnitude === 0x7c00 ? 65536 : of(magnitude)) - Math.abs(value));
      for (const near of [magnitude - 1, magnitude + 1]) {
        if (near < 0 || near > 0x7c00) continue;
        const other = Math.abs((near === 0x7c00 ? 65536 : of(near)) - Math.abs(value));
        expect(other > distance || (other === distance && (magnitude & 1) === 0)).toBe(true);
      }
    }), { seed: 1, numRuns: 2000 });
  });

  it('keeps infinity and NaN', () => {
    expect([...narrowFloat16(Float32Array.of(Infinity, -Infinity, NaN, 1e6))]).toEqual([0x7c00, 0xfc00, 0x7e00, 0x7c00]);
  });
});

it('floats become one another, whole numbers do not', () => {
  const tensor = float32(Float32Array.of(0.5, -2), [2]);
  for (const dtype of ['float32', 'float16', 'float64'] as const) expect([...asFloat32(floatAs(tensor, dtype)).data]).toEqual([0.5, -2]);
  expect(() => asFloat32({ dtype: 'int32', shape: [1], data: Int32Array.of(1) })).toThrow(RangeError);
});
