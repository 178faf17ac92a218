const n = 624;
const m = 397;

/** 2π as PyTorch's float32 kernel has it. */
const twoPi = Math.fround(2 * Math.PI);

/** Mersenne Twister 19937: ATen/core/MT19937RNGEngine.h. */
class Mt19937 {
  readonly #state = new Uint32Array(n);
  #next = n;

  constructor(seed: number) {
    this.#state[0] = seed;
    for (let j = 1; j < n; j++) {
      const previous = this.#state[j - 1] ^ (this.#state[j - 1] >>> 30);
      this.#state[j] = Math.imul(1812433253, previous) + j;
    }
  }

  next(): number {
    if (this.#next === n) {
      this.#twist();
    }
    let y = this.#state[this.#next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  #twist(): void {
    const s = this.#state;
    for (let j = 0; j < n; j++) {
      const mixed = (s[j] & 0x80000000) | (s[(j + 1) % n] & 0x7fffffff);
      s[j] = s[(j + m) % n] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}

/** `torch.Generator('cpu')`: the same seed gives the numbers of PyTorch, within float32 rounding of its vectorised log and cosine. */
export class TorchGenerator {
  readonly #engine: Mt19937;
  /** The second normal of a Box-Muller pair, kept for the next draw of fewer than 16 (`next_double_normal_sample`). */
  #spare: number | undefined;

  /** @param seed as of `manual_seed`; like PyTorch's engine, only its low 32 bits matter */
  constructor(seed: number | bigint) {
    this.#engine = new Mt19937(Number(BigInt.asUintN(32, BigInt(seed))));
  }

  /** A uniform 32-bit unsigned integer. */
  random32(): number {
    return this.#engine.next();
  }

  /** `torch.randn(count)` in float32: ATen/native/cpu/DistributionTemplates.h, `normal_fill`; below 16 `normal_distribution<double>`. */
  randn(count: number): Float32Array {
    return count < 16 ? Float32Array.from({ length: count }, () => this.#normal()) : this.#fill(new Float32Array(count));
  }

  #fill(values: Float32Array): Float32Array {
    for (let i = 0; i < values.length; i++) {
      values[i] = this.#uniform24();
    }
    for (let i = 0; i + 16 <= values.length; i += 16) {
      boxMuller16(values.subarray(i, i + 16));
    }
    if (values.length % 16 !== 0) {
      const last = values.subarray(values.length - 16);
      for (let i = 0; i < 16; i++) {
        last[i] = this.#uniform24();
      }
      boxMuller16(last);
    }
    return values;
  }

  #normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    const theta = 2 * Math.PI * this.#uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform53()));
    this.#spare = radius * Math.sin(theta);
    return radius * Math.cos(theta);
  }

  #uniform24(): number {
    return (this.random32() & 0xffffff) * 2 ** -24;
  }

  #uniform53(): number {
    const high = this.random32() & 0x1fffff;
    return (high * 2 ** 32 + this.random32()) * 2 ** -53;
  }
}

/** Sixteen uniforms become sixteen normals in place: eight radii, eight angles. */
function boxMuller16(values: Float32Array): void {
  for (let j = 0; j < 8; j++) {
    const radius = Math.fround(Math.sqrt(-2 * Math.fround(Math.log(1 - values[j]))));
    const theta = Math.fround(twoPi * values[j + 8]);
    values[j] = radius * Math.cos(theta);
    values[j + 8] = radius * Math.sin(theta);
  }
}
