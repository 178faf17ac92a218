import { float32 } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { GraphBuilder } from '../onnx/graphBuilder.ts';
import { openSession } from '../onnx/session.ts';

/** Rows compared with all others at a time. */
const rowsAtATime = 256;

/**
 * For each latent, the greatest cosine of its decoder direction with that of any other: 1 where a concept stands twice.
 * @param wDec [n, d] @returns [n]
 */
export async function decoderCosines(wDec: Tensor<Float32Array>): Promise<Float32Array> {
  const [n, d] = wDec.shape;
  const unit = wDec.data.slice();
  for (let latent = 0; latent < n; latent++) {
    const row = unit.subarray(latent * d, (latent + 1) * d);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (let j = 0; j < d; j++) row[j] /= norm;
  }
  const graph = new GraphBuilder();
  const cosines = graph.node('Gemm', [graph.input('rows', 'float32', ['rows', d]), graph.constant(float32(unit, [n, d]))], { transB: 1 }, 'cosines');
  graph.output(cosines, 'float32', ['rows', n]);
  const session = await openSession({ bytes: graph.build(), label: 'decoder cosines' });
  const greatest = new Float32Array(n).fill(-1);
  for (let first = 0; first < n; first += rowsAtATime) {
    const rows = unit.subarray(first * d, Math.min(first + rowsAtATime, n) * d);
    const { data } = (await session.run({ rows: float32(rows, [rows.length / d, d]) })).cosines;
    for (let index = 0; index < data.length; index++) {
      const latent = first + Math.floor(index / n);
      if (index % n !== latent) greatest[latent] = Math.max(greatest[latent], Number(data[index]));
    }
  }
  await session.close();
  return greatest;
}

/** What the greatest |cosine| of `n` random unit vectors in `d` dimensions comes to, about. */
export function chanceCosine(n: number, d: number): number {
  return Math.sqrt(2 * Math.log(2 * n) / d);
}
