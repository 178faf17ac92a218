import { float32 } from '../base/tensor.ts';
import { GraphBuilder } from '../onnx/graphBuilder.ts';
import { openSession } from '../onnx/session.ts';
import type { Session } from '../onnx/session.ts';
import type { SaeWeights } from './sae.ts';

/** TopK codes of a batch of cells and what they decode to. */
export interface Codes {
  /** [cells, k], by descending value. */
  readonly indices: BigInt64Array;
  /** [cells, k]; 0 where fewer than k latents are active. */
  readonly values: Float32Array;
  /** x̂, [cells, d]. */
  readonly reconstruction: Float32Array;
}

/** An SAE in a session: encodes and decodes with any k. */
export class SaeCoder {
  readonly d: number;
  readonly n: number;
  readonly #session: Session;

  private constructor(session: Session, d: number, n: number) {
    this.#session = session;
    this.d = d;
    this.n = n;
  }

  /** @param subtractBias whether b_dec is subtracted from the input */
  static async open(weights: SaeWeights, { subtractBias = true, threads }: { subtractBias?: boolean; threads?: number } = {}): Promise<SaeCoder> {
    const [d, n] = weights.wEnc.shape;
    const graph = new GraphBuilder();
    const x = graph.input('x', 'float32', ['cells', d]);
    const k = graph.input('k', 'int64', [1]);
    const bDec = graph.constant(weights.bDec);
    const centred = subtractBias ? graph.node('Sub', [x, bDec]) : x;
    const pre = graph.node('Gemm', [centred, graph.constant(weights.wEnc), graph.constant(weights.bEnc)]);
    graph.nodes('TopK', [pre, k], ['top', 'indices']);
    graph.node('Relu', ['top'], {}, 'values');
    const z = graph.node('ScatterElements', [graph.node('ConstantOfShape', [graph.node('Shape', [pre])]), 'indices', 'values'], { axis: 1 });
    graph.node('Gemm', [z, graph.constant(weights.wDec), bDec], {}, 'reconstruction');
    graph.output('indices', 'int64', ['cells', 'k']);
    graph.output('values', 'float32', ['cells', 'k']);
    graph.output('reconstruction', 'float32', ['cells', d]);
    const session = await openSession({ bytes: graph.build(), label: 'SAE' }, threads === undefined ? {} : { threads });
    return new SaeCoder(session, d, n);
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
