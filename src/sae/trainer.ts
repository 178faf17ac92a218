import { float32 } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { openSession } from '../onnx/session.ts';
import type { Session } from '../onnx/session.ts';
import { adam } from './adamGraph.ts';
import { trainGraph } from './trainGraph.ts';
import type { TrainShape } from './trainGraph.ts';
import { emptyState } from './trainState.ts';
import type { TrainState } from './trainState.ts';

/** What one step saw, before it moved the weights. */
export interface StepReport {
  /** Σ‖x̂ − x‖² over the batch. */
  readonly squaredError: number;
  /** Latents that were dead. */
  readonly dead: number;
}

/** Takes optimiser steps. Two sets of state change places, so that a step allocates nothing of the size of the weights. */
export class Trainer {
  readonly shape: TrainShape;
  readonly #session: Session;
  readonly #deadAfter: Tensor;
  #state: TrainState;
  #spare: TrainState;
  #step: number;

  private constructor(session: Session, shape: TrainShape, deadAfter: number, state: TrainState, step: number) {
    this.#session = session;
    this.shape = shape;
    this.#deadAfter = scalar(deadAfter);
    this.#state = state;
    this.#spare = emptyState(shape);
    this.#step = step;
  }

  /**
   * @param start the state to go on from, and the number of steps it has behind it
   * @param deadAfter a latent is dead when it was silent for more steps than this
   * @param gatherBytes see `trainGraph`
   */
  static async open(
    shape: TrainShape, start: { readonly state: TrainState; readonly step: number },
    { deadAfter, gatherBytes, ...options }: { deadAfter: number; threads?: number; gatherBytes?: number },
  ): Promise<Trainer> {
    const session = await openSession({ bytes: trainGraph(shape, gatherBytes), label: 'SAE training graph' }, options);
    return new Trainer(session, shape, deadAfter, start.state, start.step);
  }

  /** Steps taken. */
  get step(): number {
    return this.#step;
  }

  /** The present state; valid until the step after the next. */
  get state(): TrainState {
    return this.#state;
  }

  /** @param x [batch, d] row-major */
  async advance(x: Float32Array, learningRate: number): Promise<StepReport> {
    const t = ++this.#step;
    const { squaredError, dead } = await this.#session.run({
      ...this.#state,
      x: float32(x, [this.shape.batch, this.shape.d]),
      stepSize: scalar(learningRate / (1 - adam.beta1 ** t)),
      correction: scalar(1 / Math.sqrt(1 - adam.beta2 ** t)),
      deadAfter: this.#deadAfter,
    }, {
      ...Object.fromEntries(Object.entries(this.#spare).map(([name, tensor]) => [`${name}.next`, tensor])),
      squaredError: scalar(0),
      dead: { dtype: 'int64', shape: [1], data: new BigInt64Array(1) },
    });
    [this.#state, this.#spare] = [this.#spare, this.#state];
    return { squaredError: Number(squaredError.data[0]), dead: Number(dead.data[0]) };
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}

function scalar(value: number): Tensor<Float32Array> {
  return float32(Float32Array.of(value), []);
}
