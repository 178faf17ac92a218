import type { Vocabulary } from './judgeFolder.ts';
import type { Segmentation } from './segmenter.ts';

/** A thing covering less of the picture than this is taken for noise of the segmenter. */
export const smallestShare = 0.01;

/**
 * Where things, colours and coloured things are in one picture: `house`, `red`, `red house`.
 * @returns by label, 1 where it is true, per pixel, row-major
 */
export function labelMasks({ classes, colours }: Segmentation, { things }: Vocabulary): Map<string, Uint8Array> {
  const masks = new Map<string, Uint8Array>();
  for (const [thing, colour] of colours) {
    const mask = Uint8Array.from(classes, (value) => (things[value - 1] === thing ? 1 : 0));
    if (mask.reduce((sum, bit) => sum + bit, 0) < smallestShare * mask.length) continue;
    masks.set(thing, mask);
    masks.set(`${colour} ${thing}`, mask);
    const sameColour = masks.get(colour);
    masks.set(colour, sameColour === undefined ? mask : mask.map((bit, pixel) => bit | sameColour[pixel]));
  }
  return masks;
}
