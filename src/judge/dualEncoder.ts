import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Tensor } from '../base/tensor.ts';
import type { RgbImage } from '../diffusion/png.ts';
import { loadTokenizer } from '../diffusion/tokenizer.ts';
import type { OpenOptions } from '../onnx/session.ts';
import { captionTensors } from './captionTensors.ts';
import { formatOf } from './formatOf.ts';
import type { JudgeFolder } from './judgeFolder.ts';
import { float32Of, openNetwork } from './openNetwork.ts';
import { pictureTensor } from './pictureTensor.ts';

/** Embeds pictures and captions in one space, where those that belong together lie close. */
export interface DualEncoder {
  /** @returns a unit vector. @throws InputError when the picture has another size than the judge reads */
  embedImage(picture: RgbImage): Promise<Float32Array>;
  /** @returns a unit vector. */
  embedText(caption: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Load a judge's image-text encoder. @throws InputError when there is none, or a network or the tokenizer is malformed or does not give what `judge.json` promises */
export async function loadDualEncoder(judge: JudgeFolder, options: OpenOptions = {}): Promise<DualEncoder> {
  const { files: { dualEncoder: files }, config: { dual_encoder: encoder } } = judge;
  if (files === undefined || encoder === undefined) {
    throw new InputError(phrase`the judge has no dual encoder`, { file: judge.folder, place: '/dual_encoder', remedy: phrase`Name a judge that embeds pictures and captions, such as an export of CLIP.` });
  }
  const tokenizer = await loadTokenizer(files.tokenizer);
  const format = formatOf(judge, encoder.image.preprocessing);
  const inputs = { image: [encoder.image.input], text: [encoder.text.input, encoder.text.attention_mask] };
  const together = files.image === files.text;
  const all = [...inputs.image, ...inputs.text];
  const image = await openNetwork(files.image, together ? all : inputs.image, [encoder.image.output], options);
  const text = together ? image : await openNetwork(files.text, inputs.text, [encoder.text.output], options);
  const pictureFeed = (picture: RgbImage): Record<string, Tensor> => ({ [encoder.image.input]: pictureTensor(picture, format, judge.folder) });
  const captionFeed = (caption: string): Record<string, Tensor> => captionTensors(caption, encoder.text, tokenizer, text);
  // Where both halves are one network, the half that is not asked gets something to read all the same.
  const [height, width] = format.size ?? [64, 64];
  const blank = together ? pictureFeed({ width, height, data: new Uint8Array(width * height * 3) }) : {};
  const silence = together ? captionFeed('') : {};
  return {
    async embedImage(picture) {
      const { output } = encoder.image;
      return unit(float32Of((await image.run({ ...silence, ...pictureFeed(picture) }, [output]))[output], output, files.image).data);
    },
    async embedText(caption) {
      const { output } = encoder.text;
      return unit(float32Of((await text.run({ ...blank, ...captionFeed(caption) }, [output]))[output], output, files.text).data);
    },
    async close() {
      await image.close();
      if (!together) await text.close();
    },
  };
}

/** The cosine of two unit vectors. */
export function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}
