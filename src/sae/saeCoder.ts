import { float32 } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { latentsOf } from '../instrument/latentGraph.ts';
import type { NamedNonlinearity } from '../instrument/latentGraph.ts';
import { shortestRow } from '../instrument/siteEncoder.ts';
import { treat } from '../instrument/treatmentGraph.ts';
import { GraphBuilder } from '../onnx/graphBuilder.ts';
import { openSession } from '../onnx/session.ts';
import type { Session } from '../onnx/session.ts';
import type { SaeForm, SaeWeights } from './sae.ts';

/** Codes of a batch of cells and what they decode to. */
export interface Codes {
  /** [cells, k], by descending value. */
  readonly indices: BigInt64Array;
  /** [cells, k]; 0 where fewer than k latents are active. */
  readonly values: Float32Array;
  /** x̂, [cells, d]; of all active latents, also those beyond k where the SAE is no TopK. */
  readonly reconstruction: Float32Array;
}

/** What of an SAE's form matters here; left out: plain TopK with b_dec subtracted. */
export type CoderForm = Partial<Omit<SaeForm, 'k'>> & { readonly threads?: number };

const opset = 17;

/** An SAE in a session: encodes and decodes exactly, with any k. */
export class SaeCoder {
  readonly d: number;
  readonly n: number;
  /** Whether x̂ is made of the k latents asked for; else of all. */
  readonly topk: boolean;
  readonly #session: Session;

  private constructor(session: Session, d: number, n: number, topk: boolean) {
    this.#session = session;
    this.d = d;
    this.n = n;
    this.topk = topk;
  }

  static async open(weights: SaeWeights, { subtractBias = true, nonlinearity = 'topk', treatment, byDecoderNorm = false, threads }: CoderForm = {}): Promise<SaeCoder> {
    const [d, n] = weights.wEnc.shape;
    const graph = new GraphBuilder({ opset });
    const input = graph.input('x', 'float32', ['cells', d]);
    const k = graph.input('k', 'int64', [1]);
    const bDec = graph.constant(weights.bDec);
    const { x, scale, shift } = treat(graph, treatment, input, { axis: 1, d, opset });
    const centred = subtractBias ? graph.node('Sub', [x, bDec]) : x;
    const scores = graph.node('Gemm', [centred, graph.constant(weights.wEnc), graph.constant(weights.bEnc)]);
    const norms = byDecoderNorm ? graph.constant(rowLengths(weights.wDec)) : undefined;
    const pre = norms === undefined ? scores : graph.node('Mul', [scores, norms]);
    const z = nonlinearity === 'topk' ? topK(graph, pre, k) : allLatents(graph, pre, k, named(graph, nonlinearity, weights));
    const decoded = graph.node('Gemm', [norms === undefined ? z : graph.node('Div', [z, norms]), graph.constant(weights.wDec), bDec]);
    const whole = weights.wSkip === undefined ? decoded : graph.node('Add', [decoded, graph.node('Gemm', [input, graph.constant(weights.wSkip)], { transB: 1 })]);
    const scaled = scale === undefined ? whole : graph.node('Mul', [whole, scale]);
    graph.node(shift === undefined ? 'Identity' : 'Add', shift === undefined ? [scaled] : [scaled, shift], {}, 'reconstruction');
    graph.output('indices', 'int64', ['cells', 'k']);
    graph.output('values', 'float32', ['cells', 'k']);
    graph.output('reconstruction', 'float32', ['cells', d]);
    const session = await openSession({ bytes: graph.build(), label: 'SAE' }, threads === undefined ? {} : { threads });
    return new SaeCoder(session, d, n, nonlinearity === 'topk');
  }

  /** @param x [cells, d] row-major */
  async encode(x: Float32Array, k: number): Promise<Codes> {
    const { indices, values, reconstruction } = await this.#session.run({
      x: float32(x, [x.length / this.d, this.d]), k: { dtype: 'int64', shape: [1], data: BigInt64Array.of(BigInt(k)) },
    });
    return { indices: indices.data as BigInt64Array, values: values.data as Float32Array, reconstruction: reconstruction.data as Float32Array };
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}

/** `indices` and `values` of the k greatest. @returns z [cells, n] */
function topK(graph: GraphBuilder, pre: string, k: string): string {
  graph.nodes('TopK', [pre, k], ['top', 'indices']);
  graph.node('Relu', ['top'], {}, 'values');
  return graph.node('ScatterElements', [graph.node('ConstantOfShape', [graph.node('Shape', [pre])]), 'indices', 'values'], { axis: 1 });
}

/** The same of latents that do not depend on k. */
function allLatents(graph: GraphBuilder, pre: string, k: string, nonlinearity: NamedNonlinearity): string {
  const z = latentsOf(graph, nonlinearity, pre);
  graph.nodes('TopK', [z, k], ['values', 'indices']);
  return z;
}

function named(graph: GraphBuilder, kind: Exclude<SaeForm['nonlinearity'], 'topk'>, { threshold, gate }: SaeWeights): NamedNonlinearity {
  const constant = (tensor: Tensor | undefined): string => {
    if (tensor === undefined) throw new RangeError(`${kind} without its weights`);
    return graph.constant(tensor);
  };
  switch (kind) {
    case 'relu': return { kind };
    case 'threshold': return { kind, threshold: constant(threshold) };
    case 'gated': return { kind, gateBias: constant(gate?.gateBias), magnitudeBias: constant(gate?.magnitudeBias), logScale: constant(gate?.logScale) };
  }
}

function rowLengths({ data, shape: [n, d] }: Tensor<Float32Array>): Tensor<Float32Array> {
  return float32(Float32Array.from({ length: n }, (_, row) => Math.max(Math.sqrt(data.subarray(row * d, (row + 1) * d).reduce((sum, value) => sum + value * value, 0)), shortestRow)), [n]);
}
