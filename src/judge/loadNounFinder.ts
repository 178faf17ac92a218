import type { RgbImage } from '../diffusion/png.ts';
import type { OpenOptions } from '../onnx/session.ts';
import type { JudgeFolder, Vocabulary } from './judgeFolder.ts';
import { labelMasks } from './labelMasks.ts';
import type { NounFinder, NounMask } from './nounFinder.ts';
import { loadSegmenter, type Segmentation } from './segmenter.ts';
import { loadTextSegmenter } from './textSegmenter.ts';

/**
 * Load what finds nouns: the segmenter with fixed classes where there is one, else the one asked in words.
 * @returns undefined where the judge has neither. @throws InputError as `loadSegmenter`, `loadTextSegmenter`
 */
export async function loadNounFinder(judge: JudgeFolder, options: OpenOptions = {}): Promise<NounFinder | undefined> {
  const { vocabulary, files } = judge;
  const byWords = files.textSegmenter && askedOnce(await loadTextSegmenter(judge, options));
  if (vocabulary === undefined) return byWords;
  const segmenter = await loadSegmenter(judge, options);
  const known = new Set([...vocabulary.things, ...vocabulary.colours, ...vocabulary.backgrounds, ...vocabulary.styles]);
  const isKnown = (noun: string): boolean => known.has(noun) || vocabulary.things.some((thing) => vocabulary.colours.some((colour) => noun === `${colour} ${thing}`));
  // Several nouns are asked of one picture, one after the other.
  const seen = new WeakMap<RgbImage, Promise<Segmentation>>();
  return {
    async find(picture, noun) {
      if (byWords !== undefined && !isKnown(noun)) return byWords.find(picture, noun);
      const segmentation = seen.get(picture) ?? segmenter.segment(picture);
      seen.set(picture, segmentation);
      return maskOf(await segmentation, noun, vocabulary);
    },
    async close() {
      await segmenter.close();
      await byWords?.close();
    },
  };
}

/** The same finder, which is asked once where several measures look for one noun in one picture. */
export function askedOnce(finder: NounFinder): NounFinder {
  const known = new WeakMap<RgbImage, Map<string, Promise<NounMask>>>();
  return {
    async find(picture, noun) {
      const masks = known.get(picture) ?? new Map<string, Promise<NounMask>>();
      known.set(picture, masks);
      const mask = masks.get(noun) ?? finder.find(picture, noun);
      masks.set(noun, mask);
      return await mask;
    },
    close: () => finder.close(),
  };
}

/** A background is where no thing is; a style is everywhere. */
function maskOf(segmentation: Segmentation, noun: string, vocabulary: Vocabulary): NounMask {
  const { height, width, classes, background, style } = segmentation;
  if (noun === style) return { height, width, data: new Uint8Array(classes.length).fill(1) };
  if (noun === background) return { height, width, data: Uint8Array.from(classes, (value) => (value === 0 ? 1 : 0)) };
  return { height, width, data: labelMasks(segmentation, vocabulary).get(noun) ?? new Uint8Array(classes.length) };
}
