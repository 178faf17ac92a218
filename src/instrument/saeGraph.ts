import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { TensorLocation } from '../base/safetensors.ts';
import { elementTypes } from '../onnx/elementType.ts';
import type { GraphBuilder } from '../onnx/graphBuilder.ts';
import type { SiteEncoder } from './siteEncoder.ts';

/** Element types of weights in safetensors files that ONNX knows as well: BF16 is `TensorProto.BFLOAT16`. */
const weightTypes = new Map([['F32', elementTypes.float32], ['F16', elementTypes.float16], ['BF16', 16]]);

/** Names of values that an encoder makes: indices int64 and values float32 [cells, k], by descending value; scores [cells, n]. */
export type Codes = Record<'indices' | 'values' | 'scores', string>;

/** One SAE in a graph. Its weights are declared once, when first used; graphs inside the graph read them as well. */
export class SaeGraph {
  readonly sae: SiteEncoder;
  readonly #graph: GraphBuilder;
  /** How the session finds a file with weights. */
  readonly #locate: (file: string) => string;
  readonly #weights = new Map<string, string>();
  #terms: readonly [weight: string, ...bias: string[]] | undefined;

  constructor(graph: GraphBuilder, sae: SiteEncoder, locate: (file: string) => string) {
    this.#graph = graph;
    this.sae = sae;
    this.#locate = locate;
  }

  /** W_dec [n, d] @throws RangeError where the SAE comes without */
  get directions(): string {
    const { wDec, n, d } = this.sae;
    if (wDec === undefined) throw new RangeError('needs W_dec');
    return this.#weight('wDec', wDec, [n, d]);
  }

  /** b_dec [d] */
  get offset(): string {
    return this.#weight('bDec', this.sae.bDec, [this.sae.d]);
  }

  /**
   * z = TopK(ReLU((x − b_dec) W_enc + b_enc)). ReLU after TopK leaves the same, at k values a cell; the biases become one, which
   * ONNX Runtime folds when it loads the model; the Gemm reads x in the layout it has.
   * @param graph the SAE's own, or one inside it. @param x [d, cells] @param use sets names apart
   */
  encode(graph: GraphBuilder, x: string, use: string): Codes {
    const scores = graph.node('Gemm', [x, ...this.#scoring()], { transA: 1 }); // [cells, n]
    const [best, indices] = ['best', 'indices'].map(name => `dmi/${this.sae.site}/${use}/${name}`);
    graph.nodes('TopK', [scores, graph.int64(this.sae.k)], [best, indices], { axis: -1 });
    return { indices, values: graph.node('Relu', [best]), scores };
  }

  /** W_enc [d, n], and the bias [n] of the scores where there is one. */
  #scoring(): readonly [weight: string, ...bias: string[]] {
    if (this.#terms === undefined) {
      const { wEnc, bEnc, d, n, subtractBias } = this.sae;
      const weight = this.#weight('wEnc', wEnc, [d, n]);
      const terms = bEnc === undefined ? [] : [this.#weight('bEnc', bEnc, [n])];
      const shift = subtractBias ? this.#graph.node('MatMul', [this.offset, weight]) : undefined;
      this.#terms = [weight, ...shift === undefined ? terms : [terms.length === 0 ? this.#graph.node('Neg', [shift]) : this.#graph.node('Sub', [terms[0], shift])]];
    }
    return this.#terms;
  }

  #weight(name: string, { dtype, shape, offset, length }: TensorLocation, wanted: readonly number[]): string {
    const known = this.#weights.get(name);
    if (known !== undefined) return known;
    const elementType = weightTypes.get(dtype);
    if (elementType === undefined || shape.join() !== wanted.join()) {
      throw new InputError(phrase`a weight of the SAE is ${dtype} [${shape.join(', ')}], expected F32 [${wanted.join(', ')}]`, {
        file: this.sae.file, place: `byte ${offset}`, remedy: phrase`Use an SAE that was made for this site, saved in float32.`,
      });
    }
    const stored = this.#graph.external(elementType, shape, this.#locate(this.sae.file), offset, length);
    const weight = elementType === elementTypes.float32 ? stored : this.#graph.node('Cast', [stored], { to: elementTypes.float32 });
    this.#weights.set(name, weight);
    return weight;
  }
}
