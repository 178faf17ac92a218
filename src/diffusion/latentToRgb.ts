import type { RgbImage } from './png.ts';

/** A linear map from a cell of latents to the mean colour of its pixels: a picture of a latent at the cost of a few multiplications. */
export interface LatentToRgb {
  /** For red, green and blue: one weight per latent channel, then the bias; colours run from 0 to 255. */
  readonly weights: readonly (readonly number[])[];
  /** Share of each colour's variance that the map explains on the cells it was fitted to. */
  readonly r2: readonly number[];
}

/** A latent [channels, height, width] and its picture by the VAE, whose sides are whole multiples of `height` and `width`. */
export interface DecodedLatent {
  readonly latents: Float32Array;
  readonly image: RgbImage;
}

/** Fit the map by least squares over the cells of all pairs, through the normal equations. */
export function fitLatentToRgb(pairs: readonly DecodedLatent[], [, channels, height, width]: readonly [1, number, number, number]): LatentToRgb {
  const cells = height * width;
  const terms = channels + 1;
  const gram = Array.from({ length: terms }, () => new Array<number>(terms).fill(0));
  const moments = Array.from({ length: 3 }, () => new Array<number>(terms).fill(0));
  const squares = [0, 0, 0];
  const x = new Array<number>(terms).fill(1); // the last one stands for the bias
  for (const { latents, image } of pairs) {
    const colours = cellMeans(image, height, width);
    for (let cell = 0; cell < cells; cell++) {
      for (let c = 0; c < channels; c++) x[c] = latents[c * cells + cell];
      for (let row = 0; row < terms; row++) {
        for (let column = 0; column < terms; column++) gram[row][column] += x[row] * x[column];
      }
      for (let colour = 0; colour < 3; colour++) {
        const y = colours[cell * 3 + colour];
        squares[colour] += y * y;
        for (let row = 0; row < terms; row++) moments[colour][row] += x[row] * y;
      }
    }
  }
  const weights = moments.map((moment) => solve(gram, moment));
  const count = pairs.length * cells;
  const r2 = weights.map((row, colour) => {
    const explained = row.reduce((sum, weight, term) => sum + weight * moments[colour][term], 0);
    const total = squares[colour] - moments[colour][channels] ** 2 / count;
    return total === 0 ? 1 : 1 - (squares[colour] - explained) / total;
  });
  return { weights, r2 };
}

/** A latent as a small picture, one pixel a cell. @param latents [channels, height, width] */
export function renderLatents({ weights }: LatentToRgb, latents: Float32Array, [, channels, height, width]: readonly [1, number, number, number]): RgbImage {
  const cells = height * width;
  const data = new Uint8Array(cells * 3);
  for (let cell = 0; cell < cells; cell++) {
    for (let colour = 0; colour < 3; colour++) {
      let value = weights[colour][channels];
      for (let c = 0; c < channels; c++) value += weights[colour][c] * latents[c * cells + cell];
      data[cell * 3 + colour] = Math.round(Math.min(Math.max(value, 0), 255));
    }
  }
  return { width, height, data };
}

/** Mean colour of each of height x width equal blocks of a picture, [cell, 3]. */
function cellMeans(image: RgbImage, height: number, width: number): Float64Array {
  const [blockHeight, blockWidth] = [image.height / height, image.width / width];
  const means = new Float64Array(height * width * 3);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      const cell = Math.floor(y / blockHeight) * width + Math.floor(x / blockWidth);
      for (let colour = 0; colour < 3; colour++) {
        means[cell * 3 + colour] += image.data[(y * image.width + x) * 3 + colour] / (blockHeight * blockWidth);
      }
    }
  }
  return means;
}

/** Gaussian elimination with partial pivoting. An unknown that the equations leave open (a latent channel that never changes) becomes 0. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]]);
  const negligible = 1e-12 * Math.max(...matrix.map((row, i) => Math.abs(row[i])));
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    }
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    if (Math.abs(rows[column][column]) <= negligible) continue;
    for (let row = column + 1; row < n; row++) {
      const factor = rows[row][column] / rows[column][column];
      for (let k = column; k <= n; k++) rows[row][k] -= factor * rows[column][k];
    }
  }
  const solution = new Array<number>(n).fill(0);
  for (let row = n - 1; row >= 0; row--) {
    if (Math.abs(rows[row][row]) <= negligible) continue;
    let rest = rows[row][n];
    for (let k = row + 1; k < n; k++) rest -= rows[row][k] * solution[k];
    solution[row] = rest / rows[row][row];
  }
  return solution;
}
