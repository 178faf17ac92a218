import type { GraphNode } from '../onnx/messages.ts';
import type { ModelIndex } from '../onnx/modelIndex.ts';
import { GraphView } from './graphView.ts';
import type { ChosenSite } from './sites.ts';

/** A sum that could end a block: what is added was computed from what it is added to. */
export interface SiteCandidate extends ChosenSite {
  /** What computes the update from the residual. */
  readonly between: { readonly nodes: number; readonly attentions: number; readonly convolutions: number };
  /** Operators that read the sum. */
  readonly readBy: readonly string[];
}

/** Blocks of U-Nets have a few hundred nodes; what lies farther apart is no block. */
const mostBetween = 4096;

const attention = /^(?:Softmax|Attention|MultiHeadAttention|GroupQueryAttention)$/;

/** Sums of two activations, one of which hangs on the other, in order of execution; of any shape, which a graph seldom tells. */
export function siteCandidates(index: ModelIndex): SiteCandidate[] {
  const graph = new GraphView(index);
  return index.nodes.flatMap((add) => {
    if (add.opType !== 'Add' || add.inputs.length !== 2 || add.inputs.some((input) => isConstant(input, graph))) return [];
    const [first, second] = add.inputs;
    const [update, residual] = graph.position(graph.producer(first)) > graph.position(graph.producer(second)) ? [first, second] : [second, first];
    const nodes = nodesBetween(update, residual, graph);
    if (nodes === undefined) return [];
    const count = (isKind: (opType: string) => boolean): number => nodes.filter(({ opType }) => isKind(opType)).length;
    return [{
      sum: add.outputs[0], update,
      between: { nodes: nodes.length, attentions: count((opType) => attention.test(opType)), convolutions: count((opType) => opType === 'Conv') },
      readBy: [...new Set(graph.consumers(add.outputs[0]).map(({ opType }) => opType))],
    }];
  });
}

function isConstant(value: string, graph: GraphView): boolean {
  return graph.index.weights.has(value) || graph.producer(value)?.opType === 'Constant';
}

/** The nodes that an update was computed by, up to the residual; undefined where it does not hang on it. */
function nodesBetween(update: string, residual: string, graph: GraphView): GraphNode[] | undefined {
  const from = graph.position(graph.producer(residual));
  const seen = new Set<GraphNode>();
  const open = [update];
  let reached = false;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (value === residual) {
      reached = true;
      continue;
    }
    const node = graph.producer(value);
    if (node === undefined || seen.has(node) || graph.position(node) <= from) continue;
    if (seen.size === mostBetween) return undefined;
    seen.add(node);
    open.push(...node.inputs);
  }
  return reached ? [...seen] : undefined;
}
