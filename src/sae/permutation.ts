import { TorchGenerator } from '../base/torchRandom.ts';

/** A generator for each tuple of numbers, so that any part of a random sequence can be drawn without the parts before it. */
export function generatorOf(...key: readonly number[]): TorchGenerator {
  let mixed = 0x9e3779b9;
  for (const part of key) {
    // The finaliser of MurmurHash3: every bit of the key reaches every bit of the seed.
    mixed = Math.imul(mixed ^ part, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return new TorchGenerator(mixed >>> 0);
}

/** `count` different numbers below `length` in random order (Fisher-Yates, stopped early); a permutation where count is length. */
export function drawWithoutRepeat(length: number, count: number, generator: TorchGenerator): Uint32Array {
  const numbers = Uint32Array.from({ length }, (_, index) => index);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(generator.random32() / 2 ** 32 * (length - i));
    [numbers[i], numbers[j]] = [numbers[j], numbers[i]];
  }
  return numbers.subarray(0, count);
}
