import type { Tensor } from '../base/tensor.ts';

/** Standard deviations beyond which an entry of an update is one that the unedited runs hardly have. */
export const mostDeviations = 4;

/** Sums over what a site's update is at one step, by channel, over the cells of any number of runs. */
export class UpdateMoments {
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  #count = 0;

  constructor(channels: number) {
    this.#sum = new Float64Array(channels);
    this.#squares = new Float64Array(channels);
  }

  /** @param update [channels, cells] */
  add(update: Float32Array): void {
    const channels = this.#sum.length;
    const cells = update.length / channels;
    for (let channel = 0; channel < channels; channel++) {
      for (let at = channel * cells; at < (channel + 1) * cells; at++) {
        this.#sum[channel] += update[at];
        this.#squares[channel] += update[at] ** 2;
      }
    }
    this.#count += cells;
  }

  /** Share of the entries of an update that lie farther than 4 σ (population) from the mean of their channel. @param update [channels, cells] */
  shareBeyond(update: Float32Array): number {
    const channels = this.#sum.length;
    const cells = update.length / channels;
    let beyond = 0;
    for (let channel = 0; channel < channels; channel++) {
      const mean = this.#sum[channel] / this.#count;
      const far = mostDeviations * Math.sqrt(Math.max(0, this.#squares[channel] / this.#count - mean ** 2));
      for (let at = channel * cells; at < (channel + 1) * cells; at++) {
        if (Math.abs(update[at] - mean) > far) beyond += 1;
      }
    }
    return beyond / update.length;
  }
}

/** ‖Δ'‖ / ‖Δ‖; 1 where both are zero. */
export function normRatio(edited: Float32Array, update: Float32Array): number {
  const [after, before] = [norm(edited), norm(update)];
  return after === before ? 1 : after / before;
}

/** One row of a batch. @param update [rows, channels, height, width] @returns [channels, cells] */
export function rowOf({ shape: [rows], data }: Tensor, row: number): Float32Array {
  const length = data.length / rows;
  return (data as Float32Array).subarray(row * length, (row + 1) * length);
}

function norm(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
