import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Tensor } from '../base/tensor.ts';
import type { RgbImage } from '../diffusion/png.ts';
import type { OpenOptions } from '../onnx/session.ts';
import { wholePictureFormat } from './formatOf.ts';
import type { JudgeFolder } from './judgeFolder.ts';
import { openNetwork } from './openNetwork.ts';
import { pictureTensor } from './pictureTensor.ts';

/** What a judge sees in one picture. Words are those of its vocabulary. */
export interface Segmentation {
  readonly height: number;
  readonly width: number;
  /** Per pixel, row-major: 0 no thing, else 1 + the thing's place in the vocabulary. */
  readonly classes: Uint16Array;
  /** Colour of each thing that is in the picture. */
  readonly colours: ReadonlyMap<string, string>;
  readonly background: string;
  readonly style: string;
}

/** A judge's segmenter, ready to look at pictures. */
export interface Segmenter {
  /** @throws InputError when the picture has another size than the judge reads */
  segment(picture: RgbImage): Promise<Segmentation>;
  close(): Promise<void>;
}

const outputNames = ['thing_logits', 'colour_logits', 'background_logits', 'style_logits'] as const;

/** Load a judge's segmenter. @throws InputError when it has none, or its network is malformed, or does not give what `judge.json` promises */
export async function loadSegmenter(judge: JudgeFolder, options: OpenOptions = {}): Promise<Segmenter> {
  const { files: { segmenter: file }, vocabulary, config: { segmenter } } = judge;
  if (file === undefined || vocabulary === undefined || segmenter === undefined) {
    throw new InputError(phrase`the judge has no segmenter with fixed classes`, { file: judge.folder, place: '/segmenter', remedy: phrase`Name a judge that has one.` });
  }
  const { things, colours, backgrounds, styles } = vocabulary;
  const format = wholePictureFormat(judge, 'segmenter');
  const { input } = segmenter;
  const session = await openNetwork(file, [input], outputNames, options);
  return {
    async segment(picture) {
      const [height, width] = format.size ?? [picture.height, picture.width];
      const results = await session.run({ [input]: pictureTensor(picture, format, judge.folder) }, outputNames);
      const logits = (name: typeof outputNames[number], words: number, cells: number): Float32Array => checkLogits(results[name], name, words, cells, file);
      const classes = argmax(logits('thing_logits', things.length + 1, height * width), things.length + 1);
      const byColour = logits('colour_logits', colours.length + 1, height * width);
      return {
        height, width, classes,
        colours: coloursOf(classes, byColour, things, colours),
        background: backgrounds[argmax(logits('background_logits', backgrounds.length, 1), backgrounds.length)[0]],
        style: styles[argmax(logits('style_logits', styles.length, 1), styles.length)[0]],
      };
    },
    close: () => session.close(),
  };
}

/** A thing's colour is that of the greatest sum of logits over its pixels. @param logits [1 + colours, pixels] */
function coloursOf(classes: Uint16Array, logits: Float32Array, things: readonly string[], colours: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [thing, word] of things.entries()) {
    const sums = new Float32Array(colours.length);
    let pixels = 0;
    for (let pixel = 0; pixel < classes.length; pixel++) {
      if (classes[pixel] !== thing + 1) continue;
      pixels += 1;
      for (let colour = 0; colour < sums.length; colour++) sums[colour] += logits[(colour + 1) * classes.length + pixel];
    }
    if (pixels > 0) found.set(word, colours[argmax(sums, sums.length)[0]]);
  }
  return found;
}

/** The greatest of the logits at every cell. @param logits [classes, cells] @returns [cells] */
function argmax(logits: Float32Array, classes: number): Uint16Array {
  const cells = logits.length / classes;
  const best = new Uint16Array(cells);
  for (let index = cells; index < logits.length; index++) {
    const cell = index % cells;
    if (logits[index] > logits[best[cell] * cells + cell]) best[cell] = Math.floor(index / cells);
  }
  return best;
}

function checkLogits(logits: Tensor | undefined, name: string, classes: number, cells: number, file: string): Float32Array {
  if (logits?.dtype === 'float32' && logits.shape[1] === classes && logits.data.length === classes * cells) return logits.data as Float32Array;
  throw new InputError(phrase`should be float32 logits of ${classes} classes for each of ${cells} cells, not ${logits?.dtype ?? 'nothing'} [${String(logits?.shape)}]`, {
    file, place: name, remedy: phrase`Make judge.json and the network agree.`,
  });
}
