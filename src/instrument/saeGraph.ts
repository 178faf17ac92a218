import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { elementTypes } from '../onnx/elementType.ts';
import type { GraphBuilder } from '../onnx/graphBuilder.ts';
import { latentsOf } from './latentGraph.ts';
import type { NamedNonlinearity } from './latentGraph.ts';
import { shortestRow } from './siteEncoder.ts';
import type { SiteEncoder, WeightLocation } from './siteEncoder.ts';
import { treat } from './treatmentGraph.ts';
import type { Treated } from './treatmentGraph.ts';

/** Element types of weights in files that ONNX knows as well: BF16 is `TensorProto.BFLOAT16`. */
const weightTypes = new Map([['F32', elementTypes.float32], ['F64', elementTypes.float64], ['F16', elementTypes.float16], ['BF16', 16]]);

/** Names of values that an encoder makes. */
export interface Codes {
  /** int64 and float32 [cells, k], by descending value. */
  readonly indices: string;
  readonly values: string;
  /** All latents [cells, n]; with TopK they are only told by indices and values. */
  readonly latents?: string;
  /** [cells, n] */
  readonly scores: string;
}

/** One SAE in a graph. Its weights are declared once, when first used; graphs inside the graph read them as well. */
export class SaeGraph {
  readonly sae: SiteEncoder;
  readonly #graph: GraphBuilder;
  /** How the session finds a file with weights. */
  readonly #locate: (file: string) => string;
  readonly #opset: number;
  readonly #weights = new Map<string, string>();
  readonly #biases = new Map<string, string>();
  #terms: readonly [weight: string, ...bias: string[]] | undefined;
  #norms: string | undefined;

  /** @param opset of the model; some operators changed their form */
  constructor(graph: GraphBuilder, sae: SiteEncoder, locate: (file: string) => string, opset: number) {
    this.#graph = graph;
    this.sae = sae;
    this.#locate = locate;
    this.#opset = opset;
  }

  /**
   * Directions of concepts. @param concepts int64 [r, s] @returns [r, d, s]
   * @throws RangeError where the SAE comes without a decoder
   */
  directionsOf(graph: GraphBuilder, concepts: string): string {
    const { value, transposed } = this.#decoder();
    const rows = graph.node('Gather', [value, concepts], { axis: Number(transposed) }); // [r, s, d], or [d, r, s]
    const directions = graph.node('Transpose', [rows], { perm: transposed ? [1, 0, 2] : [0, 2, 1] });
    if (this.sae.byDecoderNorm !== true) return directions;
    const lengths = graph.node('Gather', [this.#decoderNorms(), concepts], { axis: 0 }); // [r, s]
    return graph.node('Div', [directions, graph.node('Unsqueeze', [lengths, graph.int64(1)])]);
  }

  /** x̂ of latents, before the treatment of x is undone. @param latents [cells, n] @returns [cells, d] */
  decode(graph: GraphBuilder, latents: string): string {
    const { value, transposed } = this.#decoder();
    const z = this.sae.byDecoderNorm === true ? graph.node('Div', [latents, this.#decoderNorms()]) : latents;
    return graph.node('Gemm', [z, value, this.#bias('bDec', this.sae.bDec, this.sae.d)], transposed ? { transB: 1 } : {});
  }

  /** What goes to x̂ past the latents. @param x [d, cells], as it came @returns [cells, d] */
  skip(graph: GraphBuilder, wSkip: WeightLocation, x: string): string {
    const { d } = this.sae;
    return graph.node('Gemm', [x, this.#weight('wSkip', wSkip, [d, d])], wSkip.transposed === true ? { transA: 1 } : { transA: 1, transB: 1 });
  }

  /** x as the SAE wants it. @param x one of its axes has the d channels */
  treat(graph: GraphBuilder, x: string, axis: number): Treated {
    return treat(graph, this.sae.treatment, x, { axis, d: this.sae.d, opset: this.#opset });
  }

  /**
   * Latents of treated activations. With TopK, ReLU follows it, which leaves the same, at k values a cell. The biases become one, which
   * ONNX Runtime folds when it loads the model; the Gemm reads x in the layout it has.
   * @param graph the SAE's own, or one inside it. @param x [d, cells] @param use sets names apart
   */
  encode(graph: GraphBuilder, x: string, use: string): Codes {
    const { nonlinearity = { kind: 'topk' }, site, k } = this.sae;
    const scores = this.#byNorm(graph, graph.node('Gemm', [x, ...this.#scoring()], this.sae.wEnc.transposed === true ? { transA: 1, transB: 1 } : { transA: 1 })); // [cells, n]
    const [best, indices] = ['best', 'indices'].map(name => `dmi/${site}/${use}/${name}`);
    if (nonlinearity.kind === 'topk') {
      graph.nodes('TopK', [scores, graph.int64(k)], [best, indices], { axis: -1 });
      return { indices, values: graph.node('Relu', [best]), scores };
    }
    const latents = latentsOf(graph, this.#nonlinearity(nonlinearity), scores);
    graph.nodes('TopK', [latents, graph.int64(k)], [best, indices], { axis: -1 });
    return { indices, values: best, latents, scores };
  }

  #byNorm(graph: GraphBuilder, scores: string): string {
    return this.sae.byDecoderNorm === true ? graph.node('Mul', [scores, this.#decoderNorms()]) : scores;
  }

  #nonlinearity(nonlinearity: Exclude<SiteEncoder['nonlinearity'], undefined | { kind: 'topk' }>): NamedNonlinearity {
    const { n } = this.sae;
    switch (nonlinearity.kind) {
      case 'relu': return nonlinearity;
      case 'threshold': {
        const { threshold } = nonlinearity;
        return { kind: 'threshold', threshold: typeof threshold === 'number' ? this.#graph.scalar(threshold * (this.sae.biasScale ?? 1)) : this.#bias('threshold', threshold, n) };
      }
      case 'gated': return {
        kind: 'gated', gateBias: this.#bias('gateBias', nonlinearity.gateBias, n), magnitudeBias: this.#bias('magnitudeBias', nonlinearity.magnitudeBias, n),
        logScale: this.#weight('logScale', nonlinearity.logScale, [n]),
      };
    }
  }

  /** W_enc [d, n] or its transpose, and the bias [n] of the scores where there is one. */
  #scoring(): readonly [weight: string, ...bias: string[]] {
    if (this.#terms === undefined) {
      const { wEnc, bEnc, d, n, subtractBias } = this.sae;
      const weight = this.#weight('wEnc', wEnc, [d, n]);
      const terms = bEnc === undefined ? [] : [this.#bias('bEnc', bEnc, n)];
      const shift = subtractBias ? this.#shift(weight, wEnc.transposed === true) : undefined;
      this.#terms = [weight, ...shift === undefined ? terms : [terms.length === 0 ? this.#graph.node('Neg', [shift]) : this.#graph.node('Sub', [terms[0], shift])]];
    }
    return this.#terms;
  }

  /** b_dec W_enc [n] */
  #shift(weight: string, transposed: boolean): string {
    const offset = this.#bias('bDec', this.sae.bDec, this.sae.d);
    return this.#graph.node('MatMul', transposed ? [weight, offset] : [offset, weight]);
  }

  /** W_dec [n, d], or its transpose. */
  #decoder(): { value: string; transposed: boolean } {
    const { wDec, n, d } = this.sae;
    if (wDec === undefined) throw new RangeError('needs W_dec');
    return { value: this.#weight('wDec', wDec, [n, d]), transposed: wDec.transposed === true };
  }

  /** Lengths of the rows of W_dec [n]; made of weights alone, so that ONNX Runtime computes them once. */
  #decoderNorms(): string {
    if (this.#norms === undefined) {
      const { value, transposed } = this.#decoder();
      const axis = transposed ? 0 : 1;
      const lengths = this.#opset >= 18
        ? this.#graph.node('ReduceL2', [value, this.#graph.int64(axis)], { keepdims: 0 })
        : this.#graph.node('ReduceL2', [value], { axes: [axis], keepdims: 0 });
      this.#norms = this.#graph.node('Max', [lengths, this.#graph.scalar(shortestRow)]);
    }
    return this.#norms;
  }

  #bias(name: string, location: WeightLocation, length: number): string {
    const { biasScale = 1 } = this.sae;
    const stored = this.#weight(name, location, [length]);
    if (biasScale === 1) return stored;
    const scaled = this.#biases.get(name) ?? this.#graph.node('Mul', [stored, this.#graph.scalar(biasScale)]);
    this.#biases.set(name, scaled);
    return scaled;
  }

  #weight(name: string, { dtype, shape, offset, length, transposed, strides }: WeightLocation, wanted: readonly number[]): string {
    const known = this.#weights.get(name);
    if (known !== undefined) return known;
    const elementType = weightTypes.get(dtype);
    const own = transposed === true ? [...shape].reverse() : shape;
    if (elementType === undefined || own.join() !== wanted.join()) {
      throw new InputError(phrase`a weight of the SAE is ${dtype} [${shape.join(', ')}], expected F32 [${wanted.join(', ')}]`, {
        file: this.sae.file, place: `byte ${offset}`, remedy: phrase`Use an SAE that was made for this site, saved in float32.`,
      });
    }
    if (strides !== undefined) {
      throw new InputError(phrase`a weight of the SAE lies scattered in its file`, { file: this.sae.file, place: `byte ${offset}`, remedy: phrase`Write it anew: dmi sae convert.` });
    }
    const stored = this.#graph.external(elementType, shape, this.#locate(this.sae.file), offset, length);
    const weight = elementType === elementTypes.float32 ? stored : this.#graph.node('Cast', [stored], { to: elementTypes.float32 });
    this.#weights.set(name, weight);
    return weight;
  }
}
