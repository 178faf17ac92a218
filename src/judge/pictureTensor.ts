import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { float32, type Tensor } from '../base/tensor.ts';
import type { RgbImage } from '../diffusion/png.ts';
import type { PictureFormat } from './judgeFolder.ts';
import { cropMiddle, resample } from './resample.ts';

/**
 * A picture as one of a judge's networks takes it.
 * @param judge folder, for errors
 * @returns float32 [1, 3, height, width], or [1, height, width, 3] where the network wants that
 * @throws InputError when the picture has another size than the network reads, and nothing says how to resize it
 */
export function pictureTensor(picture: RgbImage, format: PictureFormat, judge: string): Tensor<Float32Array> {
  const { width, height, data } = fitted(picture, format, judge);
  const { layout, channels, range: [black, white], mean = [0, 0, 0], std = [1, 1, 1] } = format;
  const cells = width * height;
  const pixels = new Float32Array(3 * cells);
  for (let channel = 0; channel < 3; channel++) {
    const source = channels === 'RGB' ? channel : 2 - channel;
    // A byte has 256 values: each is worked out once, in double precision.
    const values = Float32Array.from({ length: 256 }, (_, byte) => (black + (white - black) * byte / 255 - mean[channel]) / std[channel]);
    for (let cell = 0; cell < cells; cell++) pixels[layout === 'NCHW' ? channel * cells + cell : cell * 3 + channel] = values[data[cell * 3 + source]];
  }
  return float32(pixels, layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3]);
}

function fitted(picture: RgbImage, { size, resize, fit = 'stretch' }: PictureFormat, judge: string): RgbImage {
  if (size === undefined) return picture;
  const [height, width] = size;
  if (picture.width === width && picture.height === height) return picture;
  if (resize === undefined) {
    throw new InputError(phrase`the judge reads pictures of ${width}x${height}, not ${picture.width}x${picture.height}`, {
      file: judge, place: '/image/size', remedy: phrase`Use a judge for pictures of this size, or say in judge.json how to "resize" them.`,
    });
  }
  if (fit === 'stretch') return resample(picture, height, width, resize);
  const scale = Math.max(height / picture.height, width / picture.width);
  // The longer side is cut to whole pixels, as torchvision and transformers do.
  const long = (length: number, wanted: number): number => Math.max(wanted, Math.trunc(length * scale));
  return cropMiddle(resample(picture, long(picture.height, height), long(picture.width, width), resize), height, width);
}
