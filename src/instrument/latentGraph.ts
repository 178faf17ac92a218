import { elementTypes } from '../onnx/elementType.ts';
import type { GraphBuilder } from '../onnx/graphBuilder.ts';

/** A nonlinearity whose latents do not depend on each other, with the names of what it is made of; see `Nonlinearity`. */
export type NamedNonlinearity =
  | { readonly kind: 'relu' }
  | { readonly kind: 'threshold'; readonly threshold: string }
  | { readonly kind: 'gated'; readonly gateBias: string; readonly magnitudeBias: string; readonly logScale: string };

/** All latents z of scores. @param scores [cells, n] @returns z [cells, n] */
export function latentsOf(graph: GraphBuilder, nonlinearity: NamedNonlinearity, scores: string): string {
  const where = (condition: string, value: string): string => graph.node('Mul', [value, graph.node('Cast', [condition], { to: elementTypes.float32 })]);
  switch (nonlinearity.kind) {
    case 'relu': return graph.node('Relu', [scores]);
    case 'threshold': return where(graph.node('Greater', [scores, nonlinearity.threshold]), graph.node('Relu', [scores]));
    case 'gated': {
      const magnitude = graph.node('Add', [graph.node('Mul', [scores, graph.node('Exp', [nonlinearity.logScale])]), nonlinearity.magnitudeBias]);
      const gate = graph.node('Greater', [graph.node('Add', [scores, nonlinearity.gateBias]), graph.scalar(0)]);
      return where(gate, graph.node('Relu', [magnitude]));
    }
  }
}
