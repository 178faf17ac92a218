import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Session, ValueInfo } from '../onnx/session.ts';
import type { PromptTokenizer } from './tokenizer.ts';

/** Turns prompts into what the U-Net attends to: tokenizer, then CLIP's text model. */
export class PromptEncoder {
  readonly #session: Session;
  readonly #tokenizer: PromptTokenizer;
  readonly #ids: ValueInfo;
  readonly #hidden: string;

  /** @param file names the text encoder in errors. @throws InputError unless it reads token ids and gives hidden states */
  constructor(session: Session, tokenizer: PromptTokenizer, file: string) {
    const remedy = phrase`Name a CLIP text encoder, exported as optimum does.`;
    const [ids, ...others] = session.inputs;
    if (others.length > 0 || ids.dims.length !== 2 || !['int32', 'int64'].includes(ids.dtype)) {
      throw new InputError(phrase`takes more, or other things, than token ids [prompts, tokens]`, { file, place: (others.at(0) ?? ids).name, remedy });
    }
    const hidden = session.outputs.find(({ dims, dtype }) => dims.length === 3 && dtype === 'float32');
    if (hidden === undefined) {
      throw new InputError(phrase`gives no float32 hidden states [prompts, tokens, width]`, { file, place: session.outputs[0].name, remedy });
    }
    this.#session = session;
    this.#tokenizer = tokenizer;
    this.#ids = ids;
    this.#hidden = hidden.name;
  }

  /** @returns the last hidden states, float32 [prompts, tokens, width] */
  async encode(prompts: readonly string[]): Promise<Tensor> {
    const { maxLength } = this.#tokenizer;
    const ids = new Int32Array(prompts.length * maxLength);
    prompts.forEach((prompt, row) => { ids.set(this.#tokenizer.encode(prompt), row * maxLength); });
    const shape = [prompts.length, maxLength];
    const feed: Tensor = this.#ids.dtype === 'int64'
      ? { dtype: 'int64', shape, data: BigInt64Array.from(ids, BigInt) }
      : { dtype: 'int32', shape, data: ids };
    const { [this.#hidden]: hidden } = await this.#session.run({ [this.#ids.name]: feed }, [this.#hidden]);
    return hidden;
  }
}
