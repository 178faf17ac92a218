/** First and second moments of the columns of rows. */
export class Moments {
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  #rows = 0;

  constructor(d: number) {
    this.#sum = new Float64Array(d);
    this.#squares = new Float64Array(d);
  }

  add(values: Float32Array, offset: number): void {
    for (let j = 0; j < this.#sum.length; j++) {
      const value = values[offset + j];
      this.#sum[j] += value;
      this.#squares[j] += value * value;
    }
    this.#rows++;
  }

  /** Var of each column, over n. */
  variances(): Float64Array {
    return this.#squares.map((squares, j) => squares / this.#rows - (this.#sum[j] / this.#rows) ** 2);
  }
}

/** Fraction of variance unexplained of activations and their reconstructions: Σ‖x − x̂‖² / Σ‖x − mean(x)‖² (sparsify). */
export class FvuMeter {
  readonly #d: number;
  readonly #moments: Moments;
  #squaredError = 0;
  #cells = 0;

  constructor(d: number) {
    this.#d = d;
    this.#moments = new Moments(d);
  }

  /** @param x [cells, d]. @param reconstruction [cells, d] */
  add(x: Float32Array, reconstruction: Float32Array): void {
    for (let offset = 0; offset < x.length; offset += this.#d) this.#moments.add(x, offset);
    for (let index = 0; index < x.length; index++) this.#squaredError += (x[index] - reconstruction[index]) ** 2;
    this.#cells += x.length / this.#d;
  }

  /** NaN of nothing, and where all cells are the same. */
  get fvu(): number {
    return this.#squaredError / (this.#cells * this.#moments.variances().reduce((total, variance) => total + variance, 0));
  }
}
