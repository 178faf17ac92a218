import type { GraphBuilder } from '../onnx/graphBuilder.ts';
import type { Treatment } from './siteEncoder.ts';

/** Of the standard deviation, as all that standardise add it. */
const epsilon = 1e-5;
/** The least length that is divided by. */
const tiny = 1e-30;

/** Names of a treated activation, and of what undoes the treatment: x = treated · scale + shift. */
export interface Treated {
  readonly x: string;
  /** One number, or one for each cell; undefined where there is nothing to undo. */
  readonly scale?: string;
  readonly shift?: string;
}

/**
 * Treat activations as the SAE wants them.
 * @param x one axis of it has the d channels, every other place is a cell. @param opset of the model the graph is put into
 */
export function treat(graph: GraphBuilder, treatment: Treatment | undefined, x: string, { axis, d, opset }: { axis: number; d: number; opset: number }): Treated {
  const reduce = (op: string, value: string): string => (opset >= (op === 'ReduceSum' ? 13 : 18)
    ? graph.node(op, [value, graph.int64(axis)], { keepdims: 1 })
    : graph.node(op, [value], { axes: [axis], keepdims: 1 }));
  switch (treatment?.kind) {
    case undefined: return { x };
    case 'scale': return { x: graph.node('Mul', [x, graph.scalar(treatment.factor)]), scale: graph.scalar(1 / treatment.factor) };
    case 'fixed-norm': {
      const scale = graph.node('Div', [graph.node('Max', [reduce('ReduceL2', x), graph.scalar(tiny)]), graph.scalar(Math.sqrt(d))]);
      return { x: graph.node('Div', [x, scale]), scale };
    }
    case 'standardise': {
      const shift = reduce('ReduceMean', x);
      const centred = graph.node('Sub', [x, shift]);
      const scale = graph.node('Div', [reduce('ReduceL2', centred), graph.scalar(Math.sqrt(d - 1))]);
      return { x: graph.node('Div', [centred, graph.node('Add', [scale, graph.scalar(epsilon)])]), scale, shift };
    }
  }
}
