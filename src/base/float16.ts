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
