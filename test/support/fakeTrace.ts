import type { Branch, SiteTrace } from '../../src/concepts/siteTrace.ts';

/** A trace of known numbers: code c of cell i at step s of run r is concept (7 s + 3 i + c + r) mod n, with value 1 + r + s + i / 10 + c / 100. */
export function fakeSiteTrace(
  steps: readonly number[], { site = 'mid_block.attentions.0', branch = 'cond', height = 2, width = 3, d = 4, n = 11, k = 2, run = 0 }:
  { site?: string; branch?: Branch; height?: number; width?: number; d?: number; n?: number; k?: number; run?: number } = {},
): SiteTrace {
  const cells = height * width;
  const indices = new Int32Array(steps.length * cells * k);
  const values = new Float32Array(indices.length);
  for (const [row, step] of steps.entries()) {
    for (let cell = 0; cell < cells; cell++) {
      for (let code = 0; code < k; code++) {
        const at = (row * cells + cell) * k + code;
        indices[at] = (7 * step + 3 * cell + code + run) % n;
        values[at] = 1 + run + step + cell / 10 + code / 100;
      }
    }
  }
  return { site, branch, height, width, d, n, k, steps, indices, values };
}
