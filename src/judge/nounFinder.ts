import type { RgbImage } from '../diffusion/png.ts';

/** Where something is in a picture: 1 there, row-major. */
export interface NounMask {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** Finds what a noun means in pictures. */
export interface NounFinder {
  /** @returns all zero where it is not there. @throws InputError when the picture has another size than the judge reads */
  find(picture: RgbImage, noun: string): Promise<NounMask>;
  close(): Promise<void>;
}
