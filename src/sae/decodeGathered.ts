import type { GraphBuilder } from '../onnx/graphBuilder.ts';

/** Bytes of decoder rows gathered at a time: about what stays in the cache between the two products that read them. */
const cacheBytes = 6e6;

/**
 * Decode, and differentiate by the codes, from the same k decoder rows of each cell, gathered a few cells at a time.
 * Reads the values `indices` [batch, k] and `decoder` [n, d].
 * @param centred x − b_dec, [batch, d]. @param values z at the indices, [batch, k]
 * @returns `error` = x̂ − x [batch, d] and `slopes` [batch, k] = the gradient of ‖e‖²/2 by each active z.
 * x̂ − x = Σ z W_dec − (x − b_dec), so the decoder's bias is never added.
 */
export function decodeGathered(
  graph: GraphBuilder, { d, k, batch }: { d: number; k: number; batch: number },
  { centred, values, gatherBytes = cacheBytes }: { centred: string; values: string; gatherBytes?: number | undefined },
): { error: string; slopes: string } {
  const chunk = Math.max(1, Math.min(batch, Math.floor(gatherBytes / (4 * k * d))));
  const sizes = Array.from({ length: Math.ceil(batch / chunk) }, (_, index) => Math.min(chunk, batch - index * chunk));
  const splits = graph.int64(...sizes);
  const split = (name: string, value: string) => {
    const parts = sizes.map((_, index) => `${name}/${index}`);
    graph.nodes('Split', [value, splits], parts, { axis: 0 });
    return parts;
  };
  const indices = split('indices', 'indices');
  const rowValues = split('values', graph.node('Reshape', [values, graph.int64(batch, 1, k)]));
  const targets = split('targets', graph.node('Reshape', [centred, graph.int64(batch, 1, d)]));
  const column = graph.int64(0, d, 1); // 0: as the input
  const errors: string[] = [];
  const slopes: string[] = [];
  for (const index of sizes.keys()) {
    const rows = graph.node('Gather', ['decoder', indices[index]]); // [chunk, k, d]
    const error = graph.node('Sub', [graph.node('MatMul', [rowValues[index], rows]), targets[index]]); // [chunk, 1, d]
    errors.push(error);
    slopes.push(graph.node('MatMul', [rows, graph.node('Reshape', [error, column])])); // [chunk, k, 1]
  }
  return {
    error: graph.node('Reshape', [graph.node('Concat', errors, { axis: 0 }), graph.int64(batch, d)]),
    slopes: graph.node('Reshape', [graph.node('Concat', slopes, { axis: 0 }), graph.int64(batch, k)]),
  };
}
