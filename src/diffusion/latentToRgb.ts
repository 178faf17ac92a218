import { solveLinear } from '../base/solveLinear.ts';
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
  const weights = moments.map((moment) => solveLinear(gram, moment));
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
