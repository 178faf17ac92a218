import type { Window } from './schema.ts';

/** The named windows as [from, to] in diffusion time, 1 = noise, 0 = image. */
const named = { early: [1, 0.6], middle: [0.6, 0.2], late: [0.2, 0], all: [1, 0] } as const;

/** What the timesteps of nearly every model count to. */
const usualTimesteps = 1000;

/**
 * The steps that belong to a window, closed at both ends: those whose t = timestep / trainTimesteps does, so that a step at t = 0.6 is
 * both early and middle.
 * @param timesteps of every step, in the order of generation. @param trainTimesteps of the scheduler: what they count to
 * @returns step numbers, ascending; none where the window falls between two steps
 */
export function stepsOfWindow(window: Window, timesteps: ArrayLike<number>, trainTimesteps = usualTimesteps): number[] {
  const steps = Array.from({ length: timesteps.length }, (_, step) => step);
  if (typeof window !== 'string' && 'steps' in window) {
    const [first, last] = window.steps;
    return steps.filter((step) => step >= first && step <= last);
  }
  const within = withinWindow(window, trainTimesteps);
  return steps.filter((step) => within(timesteps[step]));
}

/** Whether timesteps belong to a window of time, closed at both ends. */
export function withinWindow(window: Exclude<Window, { steps: unknown }>, trainTimesteps = usualTimesteps): (timestep: number) => boolean {
  const [from, to] = typeof window === 'string' ? named[window] : [window.from, window.to];
  // In timesteps rather than t: 0.6 has no exact binary form, 600 has. Rounding undoes 0.6 * 1000 = 600.0000000000001 and the like.
  const [high, low] = [from, to].map((t) => Number((t * trainTimesteps).toFixed(9)));
  return (timestep) => timestep <= high && timestep >= low;
}

/**
 * The columns of a time axis that a window takes.
 * @param steps [columns]: step numbers, ascending. @param t [columns]: diffusion time of each
 * @returns the first and the last; null where it takes none
 */
export function columnsOfWindow(window: Window, steps: readonly number[], t: readonly number[]): readonly [first: number, last: number] | null {
  const columns = typeof window !== 'string' && 'steps' in window
    ? steps.flatMap((step, column) => (step >= window.steps[0] && step <= window.steps[1] ? [column] : []))
    : stepsOfWindow(window, t.map((time) => Number((time * usualTimesteps).toFixed(3)))); // finer than any schedule, coarser than float32
  return columns.length === 0 ? null : [columns[0], columns[columns.length - 1]];
}
