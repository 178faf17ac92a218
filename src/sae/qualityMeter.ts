import { Moments } from './fvuMeter.ts';
import type { Codes } from './saeCoder.ts';

/** The windows, in cells, over which a latent's silence is reported. */
const deadWindows = [1e4, 1e6, 1e7];

/** Share of latents that were silent over the last `cells` cells. */
export interface DeadShare {
  readonly window: number;
  /** min(window, cells seen): what the share is really over. */
  readonly cells: number;
  readonly share: number;
}

/** How well an SAE explains activations x, with e = x − x̂. */
export interface SaeQuality {
  readonly cells: number;
  /** Σ‖e‖² / Σ‖x − mean(x)‖² (sparsify). */
  readonly fvu: number;
  /** mean_d [1 − Var(e)_d / Var(x)_d] (sdxl-unbox). */
  readonly evPerDimension: number;
  /** Mean number of active latents. */
  readonly l0: number;
  readonly dead: readonly DeadShare[];
  /** Per latent, each [n]: share of cells where active, mean activation there (0 if never), greatest activation. */
  readonly density: Float32Array;
  readonly mean: Float32Array;
  readonly max: Float32Array;
}

/** Sums over batches of cells what the quality numbers need. */
export class QualityMeter {
  readonly #d: number;
  readonly #n: number;
  readonly #windows: readonly number[];
  #cells = 0;
  #squaredError = 0;
  readonly #x: Moments;
  readonly #error: Moments;
  readonly #active: Float64Array;
  readonly #sum: Float64Array;
  readonly #max: Float32Array;
  /** Cells seen when the latent was last active, itself included; 0 for never. */
  readonly #last: Float64Array;

  constructor(d: number, n: number, windows: readonly number[] = deadWindows) {
    this.#d = d;
    this.#n = n;
    this.#windows = windows;
    this.#x = new Moments(d);
    this.#error = new Moments(d);
    this.#active = new Float64Array(n);
    this.#sum = new Float64Array(n);
    this.#max = new Float32Array(n);
    this.#last = new Float64Array(n);
  }

  /** @param x [cells, d], in an order that says nothing: windows of cells are windows of this order */
  add(x: Float32Array, { indices, values, reconstruction }: Codes): void {
    const d = this.#d;
    const cells = x.length / d;
    const error = x.map((value, index) => value - reconstruction[index]);
    for (let cell = 0; cell < cells; cell++) {
      this.#x.add(x, cell * d);
      this.#error.add(error, cell * d);
    }
    for (let index = 0; index < error.length; index++) this.#squaredError += error[index] * error[index];
    const k = values.length / cells;
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      if (value <= 0) continue;
      const latent = Number(indices[index]);
      this.#active[latent]++;
      this.#sum[latent] += value;
      this.#max[latent] = Math.max(this.#max[latent], value);
      this.#last[latent] = this.#cells + Math.floor(index / k) + 1;
    }
    this.#cells += cells;
  }

  result(): SaeQuality {
    const cells = this.#cells;
    const varianceOfX = this.#x.variances();
    const varianceOfError = this.#error.variances();
    const explained = varianceOfX.map((variance, j) => 1 - varianceOfError[j] / variance);
    return {
      cells,
      fvu: this.#squaredError / (cells * sum(varianceOfX)),
      evPerDimension: sum(explained) / this.#d,
      l0: sum(this.#active) / cells,
      dead: this.#windows.map((window) => ({
        window, cells: Math.min(window, cells), share: this.#last.filter((last) => last <= cells - Math.min(window, cells)).length / this.#n,
      })),
      density: Float32Array.from(this.#active, (count) => count / cells),
      mean: Float32Array.from(this.#sum, (total, latent) => total / Math.max(1, this.#active[latent])),
      max: this.#max.slice(),
    };
  }
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
