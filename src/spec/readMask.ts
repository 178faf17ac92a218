import { readFile } from 'node:fs/promises';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Mask } from './areaAverage.ts';

/** Decoded size that no mask for a picture needs; guards memory against a small file that claims to be huge. */
const mostPixels = 8192 * 8192;

/**
 * A region painted as PNG of any colour type: brightness, times opacity where the picture has it; white and opaque is 1.
 * @throws InputError when the file is no readable PNG, or too large
 */
export async function readMask(path: string): Promise<Mask> {
  const bytes = await readFile(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Width and height stand at a fixed place of every PNG, ahead of the compressed pixels.
  const pixels = bytes.length < 24 ? 0 : view.getUint32(16) * view.getUint32(20);
  if (pixels === 0 || pixels > mostPixels) throw notAMask(path, 'is empty or too large');
  const { decode } = await import('fast-png'); // few specs have masks
  try {
    const { width, height, data, channels, depth, palette } = decode(bytes);
    const most = 2 ** depth - 1;
    const brightness = (pixel: number): number => {
      if (palette !== undefined) {
        const [red, green, blue, alpha = 255] = palette[data[pixel]];
        return luma(red, green, blue) * alpha / 255 ** 2;
      }
      const [first, second, third, fourth] = data.subarray(pixel * channels, (pixel + 1) * channels);
      if (channels <= 2) return (first / most) * (channels === 2 ? second / most : 1);
      return (luma(first, second, third) / most) * (channels === 4 ? fourth / most : 1);
    };
    return { width, height, data: Float32Array.from({ length: width * height }, (_, pixel) => brightness(pixel)) };
  } catch (error) {
    throw notAMask(path, error instanceof Error ? error.message : String(error));
  }
}

/** ITU-R BT.601. */
function luma(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

function notAMask(file: string, why: string): InputError {
  return new InputError(phrase`not a readable PNG: ${why}`, { file, remedy: phrase`Save the mask as PNG, white where the region is, at most 8192 x 8192 pixels.` });
}
