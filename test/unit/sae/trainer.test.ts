import { describe, expect, test } from 'vitest';
import { readSafetensors } from '../../../src/base/safetensors.ts';
import { float32 } from '../../../src/base/tensor.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import { Trainer } from '../../../src/sae/trainer.ts';
import { golden } from '../../support/scenes.ts';

const goldens = await readSafetensors(golden('sae.safetensors'));
const { d, n, k, batch, steps, learningRate, deadAfter } = JSON.parse(goldens.metadata.settings) as Record<'d' | 'n' | 'k' | 'batch' | 'steps' | 'learningRate' | 'deadAfter', number>;

/** The state that PyTorch started from or arrived at, under our names. */
function stateOf(prefix: string): Record<string, Tensor<Float32Array>> {
  const entries = [...goldens.tensors].filter(([name]) => name.startsWith(`${prefix}/`));
  return Object.fromEntries(entries.map(([name, { data, shape }]) => [
    name.slice(prefix.length + 1), float32((data as Float32Array).slice(), shape),
  ]));
}

function elements(name: string): Float32Array {
  return goldens.tensors.get(name)?.data as Float32Array;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

describe.each(['alive', 'some-dead', 'many-dead'])('three steps with latents %s', (name) => {
  // 24 cells: gathered at once, and in chunks of 5 with a rest of 4.
  test.each([1e6, 5 * k * d * 4])('equal autograd and torch.optim.Adam, gathering %d bytes at a time', async (gatherBytes) => {
    const trainer = await Trainer.open({ d, n, k, batch }, { state: stateOf(`${name}/before`), step: 0 }, { deadAfter, gatherBytes, threads: 1 });
    const reports: number[] = [];
    for (let step = 0; step < steps; step++) {
      const { squaredError, dead } = await trainer.advance(elements(`${name}/x`).subarray(step * batch * d, (step + 1) * batch * d), learningRate);
      reports.push(squaredError, dead);
    }
    const differences = Object.entries(stateOf(`${name}/after`)).map(([tensor, { data }]) => [tensor, largestDifference(trainer.state[tensor].data, data)] as const);
    expect(differences).toHaveLength(10);
    expect(differences.filter(([, difference]) => difference > 3e-6)).toEqual([]);
    expect(largestDifference(Float32Array.from(reports), elements(`${name}/reports`))).toBeLessThan(1e-3);
    await trainer.close();
  });
});
