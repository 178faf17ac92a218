import { pngSize } from '../../../src/base/pngSize.ts';

/** Longest side that a picture of a model may have; decoding what claims more would take the memory of the editor. */
const longest = 8192;

/** Width and height that a PNG's header claims; null for what is no PNG, or beyond what a picture of a model may be. */
export function pictureSize(png: Uint8Array): { readonly width: number; readonly height: number } | null {
  const size = pngSize(png);
  return size !== undefined && Math.min(size.width, size.height) > 0 && Math.max(size.width, size.height) <= longest ? size : null;
}
