import { encode } from 'fast-png';

/** A picture; `data` holds `height` rows of `width` times red, green, blue. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The bytes of a PNG file. */
export function encodePng({ width, height, data }: RgbImage): Uint8Array {
  return encode({ width, height, data, channels: 3, depth: 8 });
}
