/** Widen IEEE 754 half-precision numbers, given as their bits. Exact. */
export function widenFloat16(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, half => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) {
      return sign * fraction * 2 ** -24;
    }
    if (exponent === 0x1f) {
      return fraction === 0 ? sign * Infinity : NaN;
    }
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** Widen bfloat16 numbers, the upper halves of float32. Exact. */
export function widenBfloat16(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, upper => upper << 16).buffer);
}

/** Round to half precision, ties to even, as bits; beyond its range stands infinity. */
export function narrowFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length), bits => {
    const sign = (bits >>> 16) & 0x8000;
    const exponent = (bits >>> 23) & 0xff;
    const fraction = bits & 0x7fffff;
    if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
    if (exponent > 142) return sign | 0x7c00;
    if (exponent < 102) return sign;
    // The leading one is written out; below the normal range more of the bits fall away.
    const [mantissa, shift] = exponent > 112 ? [((exponent - 112) << 23) | fraction, 13] : [0x800000 | fraction, 126 - exponent];
    const kept = mantissa >>> shift;
    const rest = mantissa & ((1 << shift) - 1);
    const half = 1 << (shift - 1);
    return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
  });
}
