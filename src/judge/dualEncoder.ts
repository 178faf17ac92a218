import { InputError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { RgbImage } from '../diffusion/png.ts';
import { loadTokenizer } from '../diffusion/tokenizer.ts';
import type { OpenOptions } from '../onnx/session.ts';
import type { JudgeFolder } from './judgeFolder.ts';
import { openNetwork } from './openNetwork.ts';
import { pixelTensor } from './pixelTensor.ts';

/** Embeds pictures and captions in one space, where those that belong together lie close. */
export interface DualEncoder {
  /** @returns a unit vector. @throws InputError when the picture has another size than the judge reads */
  embedImage(picture: RgbImage): Promise<Float32Array>;
  /** @returns a unit vector. */
  embedText(caption: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Load a judge's image-text encoder. @throws InputError when a network or the tokenizer is malformed or does not give what `judge.json` promises */
export async function loadDualEncoder(judge: JudgeFolder, options: OpenOptions = {}): Promise<DualEncoder> {
  const { files, config: { dual_encoder: encoder } } = judge;
  const tokenizer = await loadTokenizer(files.tokenizer);
  const image = await openNetwork(files.imageEncoder, encoder.image.input, [encoder.image.output], options);
  const text = await openNetwork(files.textEncoder, encoder.text.input, [encoder.text.output], options);
  const idType = text.inputs.find(({ name }) => name === encoder.text.input)?.dtype;
  return {
    async embedImage(picture) {
      const { input, output } = encoder.image;
      return unit((await image.run({ [input]: pixelTensor(picture, judge) }, [output]))[output], files.imageEncoder);
    },
    async embedText(caption) {
      const { input, output } = encoder.text;
      const ids = Int32Array.from(tokenizer.encode(caption), Number);
      const shape = [1, ids.length];
      const feed: Tensor = idType === 'int32' ? { dtype: 'int32', shape, data: ids } : { dtype: 'int64', shape, data: BigInt64Array.from(ids, BigInt) };
      return unit((await text.run({ [input]: feed }, [output]))[output], files.textEncoder);
    },
    async close() {
      await image.close();
      await text.close();
    },
  };
}

/** The cosine of two unit vectors. */
export function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}

function unit(embedding: Tensor | undefined, file: string): Float32Array {
  if (embedding?.dtype !== 'float32') {
    throw new InputError('the embedding is not float32', { file, remedy: 'Export the network with float32 outputs.' });
  }
  const vector = embedding.data as Float32Array;
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}
