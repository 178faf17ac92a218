import { InputError } from '../base/errors.ts';
import { float32, type Tensor } from '../base/tensor.ts';
import type { RgbImage } from '../diffusion/png.ts';
import type { JudgeFolder } from './judgeFolder.ts';

/**
 * A picture as a judge's networks take it.
 * @returns float32 [1, 3, height, width] from 0 to 1.
 * @throws InputError when the picture has another size than the judge reads.
 */
export function pixelTensor({ width, height, data }: RgbImage, { folder, config }: JudgeFolder): Tensor<Float32Array> {
  const [wantedHeight, wantedWidth] = config.image.size;
  if (width !== wantedWidth || height !== wantedHeight) {
    throw new InputError(`the judge reads pictures of ${wantedWidth}x${wantedHeight}, not ${width}x${height}`, {
      file: folder, place: '/image/size', remedy: 'Use a judge that was trained for pictures of this size.',
    });
  }
  const cells = width * height;
  const pixels = new Float32Array(3 * cells);
  for (let index = 0; index < pixels.length; index++) {
    pixels[(index % 3) * cells + Math.floor(index / 3)] = data[index] / 255;
  }
  return float32(pixels, [1, 3, height, width]);
}
