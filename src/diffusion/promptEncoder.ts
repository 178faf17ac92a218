import { asFloat32, floatTypes } from '../base/floatTensor.ts';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Tensor } from '../base/tensor.ts';
import { batchCalls, fixedRows, joinRows, pickRows } from '../onnx/fixedBatch.ts';
import type { Session, ValueInfo } from '../onnx/session.ts';
import type { PromptTokenizer } from './tokenizer.ts';

/** What one text encoder says of some prompts; every tensor float32. */
export interface EncodedTexts {
  /** [prompts, tokens, width] */
  readonly hidden: Tensor<Float32Array>;
  /** Each prompt as one vector, [prompts, width]; only where it was asked for. */
  readonly pooled?: Tensor<Float32Array>;
}

/** What is wanted of a text encoder: Stable Diffusion 1 and 2 read its last hidden states, SDXL those of the last layer but one, and of its second encoder the pooled text. */
export interface Wanted {
  readonly hidden: 'last' | 'last but one';
  readonly pooled?: boolean;
}

/** Hidden states of a layer, as optimum (`hidden_states.11`) and others name them. */
const layerName = /^hidden_states[._](\d+)$/;

/** Turns prompts into what the U-Net attends to: tokenizer, then CLIP's text model. */
export class PromptEncoder {
  readonly #session: Session;
  readonly #tokenizer: PromptTokenizer;
  readonly #file: string;
  readonly #ids: ValueInfo;
  readonly #mask: ValueInfo | undefined;
  readonly #hidden: string;
  readonly #pooled: string | undefined;

  /** @param file names the text encoder in errors. @throws InputError unless it reads token ids and gives what is wanted */
  constructor(session: Session, tokenizer: PromptTokenizer, file: string, { hidden, pooled = false }: Wanted = { hidden: 'last' }) {
    const remedy = phrase`Name a CLIP text encoder, exported as optimum does.`;
    const mask = session.inputs.find(({ name }) => name === 'attention_mask');
    const [ids, ...others] = session.inputs.filter((input) => input !== mask);
    const wrong = [ids, mask].find((input) => input !== undefined && (input.dims.length !== 2 || !['int32', 'int64'].includes(input.dtype)));
    if (others.length > 0 || wrong !== undefined) {
      throw new InputError(phrase`takes more, or other things, than token ids [prompts, tokens]`, { file, place: (others.at(0) ?? wrong ?? ids).name, remedy });
    }
    const outputs = session.outputs.filter(({ dtype }) => floatTypes.includes(dtype));
    const found = hidden === 'last' ? lastHidden(outputs) : lastHiddenButOne(outputs);
    if (found === undefined) {
      throw hidden === 'last'
        ? new InputError(phrase`gives no float32 hidden states [prompts, tokens, width]`, { file, place: session.outputs[0].name, remedy })
        : new InputError(phrase`does not give the hidden states of its last layer but one, which the U-Net attends to`, {
          file, place: 'hidden_states', remedy: phrase`Export the pipeline with optimum, which writes them as hidden_states.0, hidden_states.1 and so on (output_hidden_states=True).`,
        });
    }
    this.#pooled = pooled ? (outputs.find(({ name }) => name === 'text_embeds') ?? outputs.find(({ dims }) => dims.length === 2))?.name : undefined;
    if (pooled && this.#pooled === undefined) {
      throw new InputError(phrase`gives no pooled text (text_embeds)`, { file, place: 'text_embeds', remedy: phrase`Export the second text encoder as CLIPTextModelWithProjection, as optimum does.` });
    }
    this.#session = session;
    this.#tokenizer = tokenizer;
    this.#file = file;
    this.#ids = ids;
    this.#mask = mask;
    this.#hidden = found.name;
  }

  async encode(prompts: readonly string[]): Promise<EncodedTexts> {
    const { maxLength } = this.#tokenizer;
    const [, tokens] = this.#ids.dims;
    if (typeof tokens === 'number' && tokens > 0 && tokens !== maxLength) {
      throw new InputError(phrase`reads ${tokens} tokens, the tokenizer gives ${maxLength}`, {
        file: this.#file, place: this.#ids.name, remedy: phrase`Take tokenizer and text encoder from one pipeline.`,
      });
    }
    const ids = new Int32Array(prompts.length * maxLength);
    prompts.forEach((prompt, row) => { ids.set(this.#tokenizer.encode(prompt), row * maxLength); });
    const whole: Tensor<Int32Array> = { dtype: 'int32', shape: [prompts.length, maxLength], data: ids };
    const calls = batchCalls(prompts.length, fixedRows(this.#ids), this.#file);
    if (calls === undefined) return this.#ask(whole);
    const answers: EncodedTexts[] = [];
    for (const call of calls) answers.push(await this.#ask(pickRows(whole, call)));
    const joined = (tensors: readonly Tensor[]): Tensor<Float32Array> => asFloat32(joinRows(tensors, calls));
    const pooled = answers.flatMap((answer) => answer.pooled ?? []);
    return { hidden: joined(answers.map(({ hidden }) => hidden)), ...(pooled.length > 0 && { pooled: joined(pooled) }) };
  }

  async #ask({ shape, data }: Tensor<Int32Array>): Promise<EncodedTexts> {
    const feeds = { [this.#ids.name]: wholeNumbers(data, shape, this.#ids), ...(this.#mask && { [this.#mask.name]: wholeNumbers(data.map(() => 1), shape, this.#mask) }) };
    const outputs = await this.#session.run(feeds, [this.#hidden, ...(this.#pooled === undefined ? [] : [this.#pooled])]);
    return { hidden: asFloat32(outputs[this.#hidden]), ...(this.#pooled !== undefined && { pooled: asFloat32(outputs[this.#pooled]) }) };
  }
}

function lastHidden(outputs: readonly ValueInfo[]): ValueInfo | undefined {
  return outputs.find(({ name }) => name === 'last_hidden_state') ?? outputs.find(({ name, dims }) => dims.length === 3 && !layerName.test(name));
}

/** transformers' `hidden_states[-2]`; 0 is what goes into the first layer. */
function lastHiddenButOne(outputs: readonly ValueInfo[]): ValueInfo | undefined {
  const layers = outputs.filter(({ name }) => layerName.test(name)).sort((a, b) => layerOf(a) - layerOf(b));
  return layers.at(-2);
}

function layerOf({ name }: ValueInfo): number {
  return Number(layerName.exec(name)?.[1]);
}

function wholeNumbers(data: Int32Array, shape: readonly number[], { dtype }: ValueInfo): Tensor {
  return dtype === 'int64' ? { dtype, shape, data: BigInt64Array.from(data, BigInt) } : { dtype: 'int32', shape, data };
}
