import { float32 } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Conditioning, Texts } from './conditioning.ts';
import type { EncodedTexts, PromptEncoder } from './promptEncoder.ts';

/** What a pipeline tells its U-Net, apart from its text encoders. */
export interface ConditionerOptions {
  /** SDXL: an empty negative prompt is zeros. */
  readonly zerosForEmptyPrompt: boolean;
  /** SDXL: size of the picture in pixels. */
  readonly pictureSize?: readonly [height: number, width: number];
  /** Latent consistency models: width of the embedded guidance weight. Such a model is told the weight; the U-Net is never asked without a text. */
  readonly guidanceWidth?: number;
}

/** Encodes the texts of a generation as diffusers' pipelines do. */
export class TextConditioner {
  readonly #encoders: () => Promise<readonly PromptEncoder[]>;
  readonly #options: ConditionerOptions;

  /** @param encoders one, or the two of SDXL; the last one gives the pooled text */
  constructor(encoders: () => Promise<readonly PromptEncoder[]>, options: ConditionerOptions) {
    this.#encoders = encoders;
    this.#options = options;
  }

  /** Whether the U-Net is asked twice, with and without the prompt: classifier-free guidance. */
  guided(guidanceScale: number): boolean {
    return guidanceScale > 1 && this.#options.guidanceWidth === undefined;
  }

  async condition({ prompt, negativePrompt, guidanceScale }: Texts): Promise<Conditioning> {
    const { zerosForEmptyPrompt, pictureSize, guidanceWidth } = this.#options;
    const prompts = this.guided(guidanceScale) ? [negativePrompt, prompt] : [prompt];
    const encoded: EncodedTexts[] = [];
    for (const encoder of await this.#encoders()) encoded.push(await encoder.encode(prompts));
    const promptEmbeds = joinWidths(encoded.map(({ hidden }) => hidden));
    const pooled = encoded[encoded.length - 1].pooled;
    if (zerosForEmptyPrompt && prompts.length === 2 && negativePrompt === '') {
      for (const { data } of [promptEmbeds, ...(pooled ? [pooled] : [])]) data.fill(0, 0, data.length / 2);
    }
    return {
      promptEmbeds,
      ...(pooled !== undefined && { pooled }),
      ...(pictureSize !== undefined && { timeIds: timeIds(pictureSize, prompts.length) }),
      ...(guidanceWidth !== undefined && { guidanceEmbedding: guidanceEmbedding(guidanceScale - 1, guidanceWidth) }),
    };
  }
}

/** Put hidden states side by side: [prompts, tokens, a] and [prompts, tokens, b] to [prompts, tokens, a + b]. */
function joinWidths(tensors: readonly Tensor<Float32Array>[]): Tensor<Float32Array> {
  if (tensors.length === 1) return tensors[0];
  const [{ shape: [prompts, tokens] }] = tensors;
  const widths = tensors.map(({ shape }) => shape[2]);
  const width = widths.reduce((sum, each) => sum + each, 0);
  const data = new Float32Array(prompts * tokens * width);
  for (let cell = 0; cell < prompts * tokens; cell++) {
    let at = cell * width;
    for (const [index, tensor] of tensors.entries()) {
      data.set(tensor.data.subarray(cell * widths[index], (cell + 1) * widths[index]), at);
      at += widths[index];
    }
  }
  return float32(data, [prompts, tokens, width]);
}

/** Original size, crop and target size: `StableDiffusionXLPipeline._get_add_time_ids` with its defaults. */
function timeIds([height, width]: readonly [number, number], rows: number): Tensor {
  const row = [height, width, 0, 0, height, width];
  return float32(Float32Array.from(Array.from({ length: rows }, () => row).flat()), [rows, row.length]);
}

/** Sines and cosines of a guidance weight: `LatentConsistencyModelPipeline.get_guidance_scale_embedding`, after https://github.com/google-research/vdm. @returns [1, width] */
function guidanceEmbedding(weight: number, width: number): Tensor {
  const { fround } = Math;
  const half = Math.floor(width / 2);
  const scaled = fround(fround(weight) * 1000);
  const decay = Math.log(10000) / (half - 1);
  const data = new Float32Array(width);
  for (let i = 0; i < half; i++) {
    const angle = fround(scaled * fround(Math.exp(fround(i * -decay))));
    data[i] = Math.sin(angle);
    data[half + i] = Math.cos(angle);
  }
  return float32(data, [1, width]);
}
