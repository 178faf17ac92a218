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

/** Of an edited step, the share of numbers that may lie further off: where two concepts of a cell are nearly equally strong, rounding decides which of them is active and so what an edit does there. */
const flippedShare = 0.01;

/** Compare each network's numbers, and those of a step with edits. What is missing, or no number, is infinitely far. */
export function agreementOf(expected: Pick<ProbeAnswer, 'outputs' | 'edited'>, found: Pick<ProbeAnswer, 'outputs' | 'edited'>, tolerance: number): Agreement {
  const compare = (kind: 'outputs' | 'edited', leftOut: number): Agreement[] => {
    const answers = new Map(Object.entries(found[kind]));
    return Object.entries(expected[kind]).map(([of, numbers]) => {
      const tolerated = of === 'VAE decoder' ? Math.max(pictureTolerance, tolerance) : tolerance;
      const difference = differenceOf(numbers, answers.get(of), leftOut);
      return { worst: difference / tolerated, of, difference, tolerance: tolerated };
    });
  };
  return [...compare('outputs', 0), ...compare('edited', flippedShare)].reduce((worst, one) => (one.worst > worst.worst ? one : worst));
}

/** The greatest difference as a share of the greatest number. @param leftOut share of the numbers, those furthest off, that do not count */
function differenceOf(expected: Float32Array, found: Float32Array | undefined, leftOut: number): number {
  if (found?.length !== expected.length) return Number.MAX_VALUE;
  const differences = expected.map((number, index) => Math.abs(number - found[index]));
  if (!differences.every(Number.isFinite)) return Number.MAX_VALUE; // JSON knows no infinity
  const scale = expected.reduce((greatest, number) => Math.max(greatest, Math.abs(number)), 1);
  const counted = leftOut === 0 ? differences.reduce((most, difference) => Math.max(most, difference), 0) : differences.sort().at(-1 - Math.floor(leftOut * differences.length)) ?? 0;
  return counted / scale;
}
