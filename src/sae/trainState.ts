import { TorchGenerator } from '../base/torchRandom.ts';
import { float32, sizeOf } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { parameterShapes } from './trainGraph.ts';
import type { Parameter, TrainShape } from './trainGraph.ts';

/** Everything one optimiser step reads and writes: parameters p, moments `p.m` and `p.v`, `silent`. */
export type TrainState = Readonly<Record<string, Tensor<Float32Array>>>;

/** A state of zeros. */
export function emptyState(shape: TrainShape): TrainState {
  const zeros = (dims: readonly number[]) => float32(new Float32Array(sizeOf(dims)), dims);
  const state: Record<string, Tensor<Float32Array>> = { silent: zeros([shape.n]) };
  for (const [name, dims] of Object.entries(parameterShapes(shape))) {
    for (const part of ['', '.m', '.v']) state[name + part] = zeros(dims);
  }
  return state;
}

/** What the encoder is at first, in shares of the decoder transposed. */
const encoderStart = 0.5;

/**
 * Where training starts: the bias at the data's geometric median, decoder rows the directions of cells from there, the encoder half their
 * transpose. Latents that begin as cells are seldom dead: after a million cells of Scenes' mid block 0 % were, from random directions 4-14 %, at
 * a greater FVU. But cells have much in common, and eight of them at full strength would rebuild it eight times, hence half.
 * @param x [cells, d], in random order; where there are fewer cells than latents the rest begins in random directions. @param median [d]
 */
export function initialState(shape: TrainShape, { x, median, seed }: { x: Float32Array; median: Float32Array; seed: number }): TrainState {
  const state = emptyState(shape);
  const { d, n } = shape;
  const decoder = parameter(state, 'decoder');
  decoder.set(new TorchGenerator(seed).randn(n * d));
  for (let row = 0; row < n; row++) {
    const values = decoder.subarray(row * d, (row + 1) * d);
    const cell = x.subarray(row * d, (row + 1) * d);
    if (cell.some((value, j) => value !== median[j])) values.set(cell.map((value, j) => value - median[j]));
    const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    values.forEach((value, j) => { values[j] = value / norm; });
  }
  parameter(state, 'encoder').set(decoder.map((value) => encoderStart * value));
  parameter(state, 'bias').set(median);
  return state;
}

/** The elements of one trained tensor. */
export function parameter(state: TrainState, name: Parameter): Float32Array {
  return state[name].data;
}
