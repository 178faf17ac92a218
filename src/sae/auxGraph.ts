import type { GraphBuilder } from '../onnx/graphBuilder.ts';

/** Weight of the loss; Gao et al. 2024 (arXiv 2406.04093), appendix A.2, and the paper. */
const auxWeight = 1 / 32;

/** Turns the gradient of a parameter, by name, into that with AuxK. */
type Addition = (gradient: string) => string;

/**
 * The AuxK loss, which revives dead latents by letting them reconstruct what the others leave over:
 *
 *     auxWeight · s · ‖ê + e‖²,  ê = TopK_aux(ReLU(pre of dead latents)) W_dec,  aux = d/2,  s = min(1, dead / aux)
 *
 * with the residual −e taken as a constant (EleutherAI's sparsify). A latent is dead when it was `silent` for more than `deadAfter` steps;
 * both are read from the graph. Only the rows of dead latents are gathered and multiplied, so that it costs nothing when none is dead.
 * @param values names of pre [batch, n], x − b_dec [batch, d], e [batch, d]; `scale` = 2 / (batch·d), the factor of e in the gradient by x̂
 * @returns `dead`, their number, int64 [1], and what AuxK adds to the gradients and to the sum of dz over the batch
 */
export function addAux(
  graph: GraphBuilder, d: number, { pre, centred, error, scale }: { pre: string; centred: string; error: string; scale: number },
): { dead: string; decoder: Addition; encoder: Addition; codeSum: Addition } {
  const node = graph.node.bind(graph);
  const aux = Math.max(1, Math.floor(d / 2));
  const ids = node('Squeeze', [node('NonZero', [node('Greater', ['silent', 'deadAfter'])]), graph.int64(0)]); // [dead]
  const dead = node('Shape', [ids]);
  const rows = node('Gather', ['decoder', ids]); // [dead, d]
  const deadPre = node('Gather', [pre, ids], { axis: 1 }); // [batch, dead]
  graph.nodes('TopK', [deadPre, node('Min', [dead, graph.int64(aux)])], ['auxTop', 'auxIndices']);
  const zeros = node('ConstantOfShape', [node('Shape', [deadPre])]);
  const z = node('ScatterElements', [zeros, 'auxIndices', node('Relu', ['auxTop'])], { axis: 1 });

  const share = node('Min', [node('Div', [node('Cast', [dead], { to: 1 }), graph.scalar(aux)]), graph.scalar(1)]);
  const difference = node('Add', [node('MatMul', [z, rows]), error]);
  const slope = node('Mul', [difference, node('Mul', [share, graph.scalar(auxWeight * scale)])]); // [batch, d]
  const dz = node('Where', [node('Greater', [z, graph.scalar(0)]), node('Gemm', [slope, rows], { transB: 1 }), graph.scalar(0)]); // [batch, dead]

  const places = node('Unsqueeze', [ids, graph.int64(1)]);
  // Ids are unique, so rows are replaced by their sums: no reducing scatter, which loses updates on several threads.
  const adding = (addend: string): Addition => (gradient) => node('ScatterND', [gradient, places, node('Add', [node('Gather', [gradient, ids]), addend])]);
  return {
    dead,
    decoder: adding(node('Gemm', [z, slope], { transA: 1 })),
    encoder: adding(node('Gemm', [dz, centred], { transA: 1 })),
    codeSum: adding(node('ReduceSum', [dz, graph.int64(0)], { keepdims: 0 })),
  };
}
