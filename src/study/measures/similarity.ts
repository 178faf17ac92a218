import { phrase } from '../../base/phrase.ts';
import type { RgbImage } from '../../diffusion/png.ts';
import { cosine, type DualEncoder } from '../../judge/dualEncoder.ts';
import type { Measure } from './measure.ts';

/** What pictures are compared with. */
export interface Caption {
  readonly text: string;
  /** `labels` of the edits, or the `prompt` where they name none. */
  readonly source: 'labels' | 'prompt';
}

/** Gain in image-text similarity over the unedited run. */
export function similarity({ text, source }: Caption, encoder: DualEncoder): Measure {
  let caption: Promise<Float32Array> | undefined;
  const embeddings = new WeakMap<RgbImage, Promise<Float32Array>>(); // the unedited picture comes with every trial
  const embed = (picture: RgbImage): Promise<Float32Array> => {
    const known = embeddings.get(picture) ?? encoder.embedImage(picture);
    embeddings.set(picture, known);
    return known;
  };
  return {
    definition: source === 'labels'
      ? phrase`cosine of picture and text, edited minus unedited; the text is that of the labels of the edits: "${text}"`
      : phrase`cosine of picture and text, edited minus unedited; the text is the prompt: "${text}"`,
    comparison: true,
    async of({ picture, baseline }) {
      const words = await (caption ??= encoder.embedText(text));
      return cosine(await embed(picture), words) - cosine(await embed(baseline), words);
    },
  };
}
