import type { RgbImage } from '../diffusion/png.ts';

/** Pillow's filters (src/libImaging/Resample.c) by distance in source pixels, and how far they reach. */
const filters = {
  bilinear: { support: 1, weight: (x: number): number => Math.max(0, 1 - Math.abs(x)) },
  /** Keys' cubic with a = −0.5. */
  bicubic: {
    support: 2,
    weight: (x: number): number => {
      const at = Math.abs(x);
      if (at < 1) return ((-0.5 + 2) * at - (-0.5 + 3)) * at * at + 1;
      return at < 2 ? (((at - 5) * at + 8) * at - 4) * -0.5 : 0;
    },
  },
};

/** Weights are whole numbers of 22 bits behind the point, so that sums are exact and the same everywhere. */
const unit = 2 ** 22;

/** Which source pixels make one pixel, and with which weights. */
interface Stretch {
  readonly first: number;
  readonly weights: Int32Array;
}

/**
 * Resize with antialiasing: byte for byte what Pillow's `Image.resize` gives (rows first, then columns, rounded to bytes after each).
 * @returns a picture of `height` x `width`
 */
export function resample(picture: RgbImage, height: number, width: number, filter: keyof typeof filters): RgbImage {
  let { data } = picture;
  if (width !== picture.width) data = resampleRows(data, picture.height, picture.width, stretches(picture.width, width, filter));
  if (height !== picture.height) data = resampleColumns(data, width, stretches(picture.height, height, filter));
  return { width, height, data };
}

/** The middle of a picture. @throws RangeError when the picture is smaller */
export function cropMiddle({ data, ...picture }: RgbImage, height: number, width: number): RgbImage {
  const top = Math.floor((picture.height - height) / 2);
  const left = Math.floor((picture.width - width) / 2);
  if (top < 0 || left < 0) throw new RangeError(`a picture of ${picture.width}x${picture.height} holds none of ${width}x${height}`);
  const middle = new Uint8Array(height * width * 3);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * picture.width + left) * 3;
    middle.set(data.subarray(from, from + width * 3), row * width * 3);
  }
  return { width, height, data: middle };
}

function stretches(from: number, to: number, filter: keyof typeof filters): Stretch[] {
  const { support, weight } = filters[filter];
  const scale = from / to;
  const reach = support * Math.max(scale, 1);
  return Array.from({ length: to }, (_, pixel) => {
    const centre = (pixel + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(from, Math.trunc(centre + reach + 0.5));
    const raw = Float64Array.from({ length: end - first }, (__, index) => weight((index + first - centre + 0.5) / Math.max(scale, 1)));
    const sum = raw.reduce((a, b) => a + b, 0);
    // Halves are rounded away from zero, as a cast in C does it.
    return { first, weights: Int32Array.from(raw, (value) => Math.trunc((value / sum) * unit + (value < 0 ? -0.5 : 0.5))) };
  });
}

function resampleRows(data: Uint8Array, height: number, width: number, pixels: readonly Stretch[]): Uint8Array {
  const result = new Uint8Array(height * pixels.length * 3);
  for (let row = 0; row < height; row++) {
    for (const [column, { first, weights }] of pixels.entries()) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = unit / 2;
        for (let index = 0; index < weights.length; index++) sum += weights[index] * data[(row * width + first + index) * 3 + channel];
        result[(row * pixels.length + column) * 3 + channel] = toByte(sum);
      }
    }
  }
  return result;
}

function resampleColumns(data: Uint8Array, width: number, pixels: readonly Stretch[]): Uint8Array {
  const length = width * 3;
  const result = new Uint8Array(pixels.length * length);
  for (const [row, { first, weights }] of pixels.entries()) {
    for (let index = 0; index < length; index++) {
      let sum = unit / 2;
      for (let tap = 0; tap < weights.length; tap++) sum += weights[tap] * data[(first + tap) * length + index];
      result[row * length + index] = toByte(sum);
    }
  }
  return result;
}

function toByte(sum: number): number {
  return Math.min(255, Math.max(0, Math.floor(sum / unit)));
}
