/** Widen IEEE 754 half-precision numbers, given as their bits. Exact. */
export function widenFloat16(bits: Uint16Array): Float32Array {
  // Plain loops over bits here: `from` with a function collects all elements in a list first, which ends the process at a hundred million, and powers take 50 times as long.
  const values = new Float32Array(bits.length);
  const words = new Uint32Array(values.buffer);
  for (let at = 0; at < bits.length; at++) {
    const half = bits[at];
    const exponent = half & 0x7c00;
    if (exponent === 0) values[at] = (half & 0x8000 ? -1 : 1) * (half & 0x3ff) * 2 ** -24;
    else words[at] = ((half & 0x8000) << 16) | (exponent === 0x7c00 ? 0x7f800000 | ((half & 0x3ff) << 13) : ((half & 0x7fff) << 13) + (112 << 23));
  }
  return values;
}

/** Widen bfloat16 numbers, the upper halves of float32. Exact. */
export function widenBfloat16(bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length);
  const words = new Uint32Array(values.buffer);
  for (let at = 0; at < bits.length; at++) words[at] = bits[at] << 16;
  return values;
}

/** Round to half precision, ties to even, as bits; beyond its range stands infinity. */
export function narrowFloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let at = 0; at < words.length; at++) halves[at] = narrowed(words[at]);
  return halves;
}

function narrowed(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  if (exponent > 142) return sign | 0x7c00;
  if (exponent < 102) return sign;
  // The leading one is written out; below the normal range more of the bits fall away.
  const normal = exponent > 112;
  const mantissa = normal ? ((exponent - 112) << 23) | fraction : 0x800000 | fraction;
  const shift = normal ? 13 : 126 - exponent;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}
