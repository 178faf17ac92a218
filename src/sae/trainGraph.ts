import { float32 } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { GraphBuilder } from '../onnx/graphBuilder.ts';
import { addAdam, normaliseRows, tangentToRows } from './adamGraph.ts';

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

/** Weight of the AuxK loss; Gao et al. 2024 (arXiv 2406.04093), appendix A.2, and the paper. */
const auxWeight = 1 / 32;

/** Trained tensors and their shapes. `encoder` is W_enc transposed, so that a latent is a row of both matrices. */
export function parameterShapes({ d, n }: Pick<TrainShape, 'd' | 'n'>): Readonly<Record<Parameter, readonly number[]>> {
  return { encoder: [n, d], decoder: [n, d], encoderBias: [n], decoderBias: [d] };
}

export type Parameter = 'encoder' | 'decoder' | 'encoderBias' | 'decoderBias';

/** Dead latents that may answer for the residual of one cell; EleutherAI's sparsify takes half the width too. */
function auxLatents(d: number): number {
  return Math.max(1, Math.floor(d / 2));
}

/** Bytes of decoder rows gathered at a time: about what stays in the cache between the two products that read them. */
const cacheBytes = 6e6;

/**
 * One optimiser step of a TopK SAE as an ONNX model: forward, hand-written backward, AuxK, Adam, unit-norm decoder.
 *
 *     z = TopK_k(ReLU((x − b_dec) W_encᵀ + b_enc)),  x̂ = z W_dec + b_dec,  e = x̂ − x
 *     loss = (‖e‖² + auxWeight·s·‖ê + e‖²) / (batch·d),  ê = TopK_aux(dead latents) W_dec,  s = min(1, dead / aux)
 *
 * ê reconstructs the residual −e, which is taken as a constant. A latent is dead when it was silent for `deadAfter` steps.
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
export function trainGraph(shape: TrainShape, gatherBytes = cacheBytes): Uint8Array {
  const { d, n, k, batch } = shape;
  const graph = new GraphBuilder();
  const shapes = parameterShapes(shape);
  const parameters = Object.keys(shapes) as Parameter[];
  const scalar = (value: number) => graph.constant(float32(Float32Array.of(value), []));
  const whole = (...values: number[]) => graph.constant({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
  const node = graph.node.bind(graph);

  graph.input('x', 'float32', [batch, d]);
  for (const name of parameters) {
    for (const part of ['', '.m', '.v']) graph.input(name + part, 'float32', shapes[name]);
  }
  graph.input('silent', 'float32', [n]);
  for (const name of ['stepSize', 'correction', 'deadAfter']) graph.input(name, 'float32', []);

  // Forward. pre, z: [batch, n]; values, indices: [batch, k].
  const centred = node('Sub', ['x', 'decoderBias']);
  const pre = node('Gemm', [centred, 'encoder', 'encoderBias'], { transB: 1 });
  graph.nodes('TopK', [pre, whole(k)], ['topValues', 'indices']);
  const values = node('Relu', ['topValues']);
  const zeros = node('ConstantOfShape', [whole(batch, n)]);
  const z = node('ScatterElements', [zeros, 'indices', values], { axis: 1 });

  // Decode, and the gradient of z at its k places; both from the same gathered rows.
  const { error, slopes } = decodeGathered(graph, shape, { centred, values, gatherBytes });
  const scale = 2 / (batch * d);
  const alive = node('Mul', [node('Sign', [values]), scalar(scale)]);
  const dz = node('ScatterElements', [zeros, 'indices', node('Mul', [slopes, alive])], { axis: 1 });

  // Gradients of the weights, [n, d], and of the biases.
  const decoderGradient = node('Gemm', [z, error], { transA: 1, alpha: { float: scale } });
  const encoderGradient = node('Gemm', [dz, centred], { transA: 1 });
  const encoderBiasGradient = node('ReduceSum', [dz, whole(0)], { keepdims: 0 });
  const errorSum = node('Mul', [node('ReduceSum', [error, whole(0)], { keepdims: 0 }), scalar(scale)]);

  // AuxK. di: ids of dead latents, [dead]; rows of theirs are added to the gradients (ids are unique: no reduction is needed).
  const isDead = node('Greater', ['silent', 'deadAfter']);
  const di = node('Squeeze', [node('NonZero', [isDead]), whole(0)]);
  const deadCount = node('Shape', [di]);
  const deadRows = node('Gather', ['decoder', di]);
  const deadPre = node('Gather', [pre, di], { axis: 1 });
  graph.nodes('TopK', [deadPre, node('Min', [deadCount, whole(auxLatents(d))])], ['auxTop', 'auxIndices']);
  const noAux = node('ConstantOfShape', [node('Shape', [deadPre])]);
  const zAux = node('ScatterElements', [noAux, 'auxIndices', node('Relu', ['auxTop'])], { axis: 1 });
  const share = node('Min', [node('Div', [node('Cast', [deadCount], { to: 1 }), scalar(auxLatents(d))]), scalar(1)]);
  const auxError = node('Mul', [node('Add', [node('MatMul', [zAux, deadRows]), error]), node('Mul', [share, scalar(auxWeight * scale)])]);
  const dzAux = node('Mul', [node('Gemm', [auxError, deadRows], { transB: 1 }), node('Sign', [zAux])]);
  const places = node('Unsqueeze', [di, whole(1)]);
  const addRows = (gradient: string, rows: string) =>
    node('ScatterND', [gradient, places, node('Add', [node('Gather', [gradient, di]), rows])]);
  const gradients: Record<Parameter, string> = {
    decoder: tangentToRows(graph, addRows(decoderGradient, node('Gemm', [zAux, auxError], { transA: 1 })), 'decoder'),
    encoder: addRows(encoderGradient, node('Gemm', [dzAux, centred], { transA: 1 })),
    encoderBias: addRows(encoderBiasGradient, node('ReduceSum', [dzAux, whole(0)], { keepdims: 0 })),
    decoderBias: '',
  };
  // x − b_dec enters the encoder: Σ over the batch of dz W_enc is (Σ dz) W_enc.
  gradients.decoderBias = node('Sub', [errorSum, node('MatMul', [gradients.encoderBias, 'encoder'])]);

  // Adam, one parameter after the other.
  for (const name of parameters) {
    const moved = addAdam(graph, name, gradients[name]);
    node('Identity', [name === 'decoder' ? normaliseRows(graph, moved) : moved], {}, `${name}.next`);
    for (const part of ['', '.m', '.v']) graph.output(`${name}${part}.next`, 'float32', shapes[name]);
  }

  // Dead latents are counted where they are known.
  const fired = node('Greater', [node('ReduceMax', [z], { axes: [0], keepdims: 0 }), scalar(0)]);
  node('Where', [fired, scalar(0), node('Add', ['silent', scalar(1)])], {}, 'silent.next');
  graph.output('silent.next', 'float32', [n]);
  node('ReduceSumSquare', [error], { keepdims: 0 }, 'squaredError');
  graph.output('squaredError', 'float32', []);
  node('Identity', [deadCount], {}, 'dead');
  graph.output('dead', 'int64', [1]);
  return graph.build();
}

/**
 * @returns `error` = x̂ − x [batch, d] and `slopes` [batch, k] = the gradient of ‖e‖²/2 by each active z.
 * x̂ − x = Σ z W_dec − (x − b_dec), so the decoder's bias is never added.
 */
function decodeGathered(
  graph: GraphBuilder, { d, k, batch }: TrainShape, { centred, values, gatherBytes }: { centred: string; values: string; gatherBytes: number },
): { error: string; slopes: string } {
  const chunk = Math.max(1, Math.min(batch, Math.floor(gatherBytes / (4 * k * d))));
  const sizes = Array.from({ length: Math.ceil(batch / chunk) }, (_, index) => Math.min(chunk, batch - index * chunk));
  const lengths: Tensor = { dtype: 'int64', shape: [sizes.length], data: BigInt64Array.from(sizes, BigInt) };
  const splits = graph.constant(lengths);
  const dims = (...values: number[]) => graph.constant({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
  const split = (name: string, value: string) => {
    const parts = sizes.map((_, index) => `${name}/${index}`);
    graph.nodes('Split', [value, splits], parts, { axis: 0 });
    return parts;
  };
  const indices = split('indices', 'indices');
  const rowValues = split('values', graph.node('Reshape', [values, dims(batch, 1, k)]));
  const targets = split('targets', graph.node('Reshape', [centred, dims(batch, 1, d)]));
  const column = dims(0, d, 1); // 0: as the input
  const errors: string[] = [];
  const slopes: string[] = [];
  for (const index of sizes.keys()) {
    const rows = graph.node('Gather', ['decoder', indices[index]]); // [chunk, k, d]
    const error = graph.node('Sub', [graph.node('MatMul', [rowValues[index], rows]), targets[index]]); // [chunk, 1, d]
    errors.push(error);
    slopes.push(graph.node('MatMul', [rows, graph.node('Reshape', [error, column])])); // [chunk, k, 1]
  }
  return {
    error: graph.node('Reshape', [graph.node('Concat', errors, { axis: 0 }), dims(batch, d)]),
    slopes: graph.node('Reshape', [graph.node('Concat', slopes, { axis: 0 }), dims(batch, k)]),
  };
}
