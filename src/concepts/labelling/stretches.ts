import type { Stretch } from '../labels.ts';

/**
 * The steps of the early, middle and late stretch of a process: t in [0.6, 1], [0.2, 0.6) and [0, 0.2), so that every step is in one.
 * @param times diffusion time of each step
 */
export function stretchesOf(times: readonly number[]): Map<Stretch, number[]> {
  const stretches = new Map<Stretch, number[]>([['early', []], ['middle', []], ['late', []]]);
  for (const [step, t] of times.entries()) stretches.get(t >= 0.6 ? 'early' : t >= 0.2 ? 'middle' : 'late')?.push(step);
  return stretches;
}
