import { GraphBuilder } from '../onnx/graphBuilder.ts';
import { addAdam, normaliseRows, tangentToRows } from './adamGraph.ts';
import { addAux } from './auxGraph.ts';
import { decodeGathered } from './decodeGathered.ts';

/** Sizes of a TopK SAE and of the batches it learns from. */
export interface TrainShape {
  /** Width of the activations. */
  readonly d: number;
  /** Latents. */
  readonly n: number;
  /** Active latents per cell. */
  readonly k: number;
  /** Cells per step. */
  readonly batch: number;
}

/**
 * Trained tensors and their shapes. `encoder` is W_enc transposed, so that a latent is a row of both matrices; `bias` is b_dec. As in the
 * paper there is no latent bias: on Scenes a trained one left FVU as it was.
 */
export function parameterShapes({ d, n }: Pick<TrainShape, 'd' | 'n'>): Readonly<Record<Parameter, readonly number[]>> {
  return { encoder: [n, d], decoder: [n, d], bias: [d] };
}

export type Parameter = 'encoder' | 'decoder' | 'bias';

/**
 * One optimiser step of a TopK SAE as an ONNX model: forward, hand-written backward, AuxK, Adam, unit-norm decoder.
 *
 *     z = TopK_k(ReLU((x − b_dec) W_enc)),  x̂ = z W_dec + b_dec,  e = x̂ − x
 *     loss = (‖e‖² + AuxK) / (batch·d),  see `addAux`
 *
 * Inputs: `x` [batch, d], the state (every parameter p, its moments `p.m` and `p.v`, `silent` [n] = steps since last active) and the
 * scalars `stepSize` = lr / (1 − β₁ᵗ), `correction` = 1 / √(1 − β₂ᵗ), `deadAfter`.
 * Outputs: the new state under `NAME.next`, `squaredError` = Σ‖e‖², `dead` = number of dead latents before the step.
 *
 * Only two batch-wide products with a dense n side remain besides the encoder: both weight gradients, over z and dz scattered to
 * [batch, n]. Decoding and dz read the k decoder rows of each cell, gathered in chunks that fit the cache. Rows of dead latents are
 * gathered too, so that AuxK costs what its latents cost, and nothing when none is dead.
 * @param gatherBytes how much of the decoder is gathered at a time; changes speed, not results
 */
export function trainGraph(shape: TrainShape, gatherBytes?: number): Uint8Array {
  const { d, n, k, batch } = shape;
  const graph = new GraphBuilder();
  const shapes = parameterShapes(shape);
  const parameters = Object.keys(shapes) as Parameter[];
  const node = graph.node.bind(graph);
  const scalar = graph.scalar.bind(graph);
  const int64 = graph.int64.bind(graph);

  graph.input('x', 'float32', [batch, d]);
  for (const name of parameters) {
    for (const part of ['', '.m', '.v']) graph.input(name + part, 'float32', shapes[name]);
  }
  graph.input('silent', 'float32', [n]);
  for (const name of ['stepSize', 'correction', 'deadAfter']) graph.input(name, 'float32', []);

  // Forward. pre, z: [batch, n]; values, indices: [batch, k].
  const centred = node('Sub', ['x', 'bias']);
  const pre = node('Gemm', [centred, 'encoder'], { transB: 1 });
  graph.nodes('TopK', [pre, int64(k)], ['topValues', 'indices']);
  const values = node('Relu', ['topValues']);
  const zeros = node('ConstantOfShape', [int64(batch, n)]);
  const z = node('ScatterElements', [zeros, 'indices', values], { axis: 1 });

  // Decode, and the gradient of z at its k places; both from the same gathered rows.
  const { error, slopes } = decodeGathered(graph, shape, { centred, values, gatherBytes });
  const scale = 2 / (batch * d);
  const slopesOfActive = node('Where', [node('Greater', [values, scalar(0)]), node('Mul', [slopes, scalar(scale)]), scalar(0)]);
  const dz = node('ScatterElements', [zeros, 'indices', slopesOfActive], { axis: 1 });

  // Gradients of the weights, [n, d], and of the bias, [d].
  const decoderGradient = node('Gemm', [z, error], { transA: 1, alpha: { float: scale } });
  const encoderGradient = node('Gemm', [dz, centred], { transA: 1 });
  const codeSum = node('ReduceSum', [dz, int64(0)], { keepdims: 0 }); // [n]
  const errorSum = node('Mul', [node('ReduceSum', [error, int64(0)], { keepdims: 0 }), scalar(scale)]);

  // AuxK adds to them for dead latents, which are counted where they are known.
  const aux = addAux(graph, d, { pre, centred, error, scale });
  const gradients = {
    decoder: tangentToRows(graph, aux.decoder(decoderGradient), 'decoder'),
    encoder: aux.encoder(encoderGradient),
    // x − b_dec enters the encoder: Σ over the batch of dz W_enc is (Σ dz) W_enc.
    bias: node('Sub', [errorSum, node('MatMul', [aux.codeSum(codeSum), 'encoder'])]),
  };

  // Adam, one parameter after the other.
  for (const name of parameters) {
    const moved = addAdam(graph, name, gradients[name]);
    node('Identity', [name === 'decoder' ? normaliseRows(graph, moved) : moved], {}, `${name}.next`);
    for (const part of ['', '.m', '.v']) graph.output(`${name}${part}.next`, 'float32', shapes[name]);
  }

  const fired = node('Greater', [node('ReduceMax', [z], { axes: [0], keepdims: 0 }), scalar(0)]);
  node('Where', [fired, scalar(0), node('Add', ['silent', scalar(1)])], {}, 'silent.next');
  graph.output('silent.next', 'float32', [n]);
  node('ReduceSumSquare', [error], { keepdims: 0 }, 'squaredError');
  graph.output('squaredError', 'float32', []);
  node('Identity', [aux.dead], {}, 'dead');
  graph.output('dead', 'int64', [1]);
  return graph.build();
}
