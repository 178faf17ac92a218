import type { Tensor } from '../base/tensor.ts';

/** What a U-Net is told beside the sample and the timestep; every tensor float32, a row for each row of the sample. */
export interface Conditioning {
  /** Encoded texts, which the transformer blocks attend to: [rows, tokens, width]. */
  readonly promptEmbeds: Tensor;
  /** SDXL: each text as one vector, [rows, width]. */
  readonly pooled?: Tensor;
  /** SDXL: original size, crop and target size in pixels, [rows, 6]. */
  readonly timeIds?: Tensor;
  /** Latent consistency models: the embedded guidance weight (`timestep_cond`), [rows, width]. */
  readonly guidanceEmbedding?: Tensor;
}

/** What a generation is told to show. */
export interface Texts {
  readonly prompt: string;
  readonly negativePrompt: string;
  /** Up to 1 there is no guidance, and the negative prompt plays no part. */
  readonly guidanceScale: number;
}

/** No text, in one row: to ask a U-Net for shapes. */
export const nothing: Texts = { prompt: '', negativePrompt: '', guidanceScale: 1 };

/** How many rows it is for. */
export function rowsOf({ promptEmbeds }: Conditioning): number {
  return promptEmbeds.shape[0];
}

/** Join several, all of the same parts, part by part. */
export function joinConditionings(all: readonly Conditioning[], join: (tensors: readonly Tensor[]) => Tensor): Conditioning {
  const part = <K extends keyof Conditioning>(name: K): Pick<Conditioning, K> | undefined => {
    const tensors = all.flatMap(({ [name]: tensor }) => tensor ?? []);
    return tensors.length === 0 ? undefined : { [name]: join(tensors) } as unknown as Pick<Conditioning, K>;
  };
  return { promptEmbeds: join(all.map(({ promptEmbeds }) => promptEmbeds)), ...part('pooled'), ...part('timeIds'), ...part('guidanceEmbedding') };
}
