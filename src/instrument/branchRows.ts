import type { GraphBuilder } from '../onnx/graphBuilder.ts';

/** The rows of a batch that are looked at: the halves of classifier-free guidance, or all. */
export type Branch = 'cond' | 'uncond' | 'both';

/** Names of the values that bound a branch's rows, each int64 [1]. */
export interface BranchRows {
  readonly first: string;
  readonly end: string;
  readonly count: string;
}

/**
 * Compute, once for all sites, which rows of the batch belong to the branch: diffusers puts [uncond, cond]; a batch of one row is both.
 * @param sample the U-Net's input [batch, channels, height, width]
 */
export function branchRows(graph: GraphBuilder, sample: string, branch: Branch): BranchRows {
  const int64 = (...values: bigint[]): string => graph.constant({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values) });
  const batch = graph.node('Gather', [graph.node('Shape', [sample]), int64(0n)]);
  const half = graph.node('Div', [batch, int64(2n)]);
  const rest = graph.node('Sub', [batch, half]);
  switch (branch) {
    case 'cond': return { first: half, end: batch, count: rest };
    case 'uncond': return { first: int64(0n), end: rest, count: rest };
    case 'both': return { first: int64(0n), end: batch, count: batch };
  }
}

/** The same rows as numbers: [first, end) of a batch of so many. */
export function rowsOfBranch(branch: Branch, batch: number): readonly [first: number, end: number] {
  const half = Math.floor(batch / 2);
  switch (branch) {
    case 'cond': return [half, batch];
    case 'uncond': return [0, batch - half];
    case 'both': return [0, batch];
  }
}
