import type { Tensor } from '../base/tensor.ts';
import type { PromptTokenizer } from '../diffusion/tokenizer.ts';
import type { Session } from '../onnx/session.ts';

/** How a network takes captions. */
export interface CaptionFormat {
  readonly input: string;
  readonly attention_mask?: string;
  readonly template?: string;
}

/** A word or caption as a network takes it: token ids [1, length], padded, and their mask, in the integers that the network declares. */
export function captionTensors(text: string, format: CaptionFormat, tokenizer: PromptTokenizer, { inputs }: Pick<Session, 'inputs'>): Record<string, Tensor> {
  const caption = (format.template ?? '{}').replaceAll('{}', () => text);
  const ids = tokenizer.encode(caption);
  const real = tokenizer.ids(caption).length;
  const tensor = (input: string, values: Int32Array): Tensor => {
    const shape = [1, values.length];
    return inputs.find(({ name }) => name === input)?.dtype === 'int32'
      ? { dtype: 'int32', shape, data: values } : { dtype: 'int64', shape, data: BigInt64Array.from(values, BigInt) };
  };
  return {
    [format.input]: tensor(format.input, ids),
    ...(format.attention_mask !== undefined && { [format.attention_mask]: tensor(format.attention_mask, ids.map((_, index) => (index < real ? 1 : 0))) }),
  };
}
