import * as Type from 'typebox';
import type { Static } from 'typebox';
import type { ProbeAnswer } from './probe.ts';

/** How far a provider's numbers may lie from the CPU's, as a share of the greatest of them (of 1, where all are smaller). */
export const tolerances = { float32: 1e-3, float16: 2e-2 } as const;
/** A picture's levels are whole: two of 255 are rounding. */
const pictureTolerance = 0.02;

/** How a provider's numbers compare with those of the CPU. */
export const Agreement = Type.Object({
  /** The greatest difference, as a share of the tolerance that holds there: above 1 they disagree. */
  worst: Type.Number(),
  /** Where: a network, or a value of the U-Net. */
  of: Type.String(),
  /** The difference itself, and what is tolerated. */
  difference: Type.Number(),
  tolerance: Type.Number(),
});
export type Agreement = Static<typeof Agreement>;

/** Compare each network's numbers. What is missing, or no number, is infinitely far. */
export function agreementOf(expected: ProbeAnswer['outputs'], found: ProbeAnswer['outputs'], tolerance: number): Agreement {
  const answers = new Map(Object.entries(found));
  const each = Object.entries(expected).map(([of, numbers]) => {
    const tolerated = of === 'VAE decoder' ? Math.max(pictureTolerance, tolerance) : tolerance;
    const difference = differenceOf(numbers, answers.get(of));
    return { worst: difference / tolerated, of, difference, tolerance: tolerated };
  });
  return each.reduce((worst, one) => (one.worst > worst.worst ? one : worst));
}

function differenceOf(expected: Float32Array, found: Float32Array | undefined): number {
  if (found?.length !== expected.length) return Number.MAX_VALUE;
  let [most, scale] = [0, 1];
  for (const [index, number] of expected.entries()) {
    const difference = Math.abs(number - found[index]);
    if (!Number.isFinite(difference)) return Number.MAX_VALUE; // JSON knows no infinity
    most = Math.max(most, difference);
    scale = Math.max(scale, Math.abs(number));
  }
  return most / scale;
}
