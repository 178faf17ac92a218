import type { GraphBuilder } from '../onnx/graphBuilder.ts';

/** PyTorch's defaults. */
export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/**
 * Adam (Kingma & Ba 2015) in the form of `torch.optim.Adam`: p − stepSize · m / (√v · correction + ε).
 * Reads `name`, `name.m`, `name.v` and the scalars `stepSize` and `correction`; writes `name.m.next` and `name.v.next`.
 * @param gradient same shape as the parameter @returns the moved parameter
 */
export function addAdam(graph: GraphBuilder, name: string, gradient: string): string {
  const node = graph.node.bind(graph);
  const scalar = graph.scalar.bind(graph);
  const decay = (moment: string, beta: number, value: string) =>
    node('Add', [node('Mul', [moment, scalar(beta)]), node('Mul', [value, scalar(1 - beta)])], {}, `${moment}.next`);
  const m = decay(`${name}.m`, adam.beta1, gradient);
  const v = decay(`${name}.v`, adam.beta2, node('Mul', [gradient, gradient]));
  const spread = node('Add', [node('Mul', [node('Sqrt', [v]), 'correction']), scalar(adam.epsilon)]);
  return node('Sub', [name, node('Mul', [node('Div', [m, spread]), 'stepSize'])]);
}

/** The part of `gradient` [n, d] orthogonal to the unit rows of `weights`: what moves a row along the sphere. */
export function tangentToRows(graph: GraphBuilder, gradient: string, weights: string): string {
  const along = graph.node('ReduceSum', [graph.node('Mul', [gradient, weights]), graph.int64(1)], { keepdims: 1 });
  return graph.node('Sub', [gradient, graph.node('Mul', [along, weights])]);
}

/** Rows of `weights` [n, d] at unit length. */
export function normaliseRows(graph: GraphBuilder, weights: string): string {
  return graph.node('Div', [weights, graph.node('ReduceL2', [weights], { axes: [1], keepdims: 1 })]);
}
