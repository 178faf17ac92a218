import { stepsOfWindow } from '../../spec/windows.ts';
import type { Stretch } from '../labels.ts';

/** The steps of each named window of the process. @param times diffusion time of every step */
export function stretchesOf(times: readonly number[]): Map<Stretch, number[]> {
  return new Map((['early', 'middle', 'late'] as const).map((stretch) => [stretch, stepsOfWindow(stretch, times, 1)]));
}
