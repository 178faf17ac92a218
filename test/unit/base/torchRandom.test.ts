import { expect, it } from 'vitest';
import { readSafetensors } from '../../../src/base/safetensors.ts';
import { TorchGenerator } from '../../../src/base/torchRandom.ts';
import { golden } from '../../support/scenes.ts';

const { tensors } = await readSafetensors(golden('noise.safetensors'));
const seeds = new Map<string, [draw: string, count: string, values: ArrayLike<number>][]>();
for (const [name, { data }] of tensors) {
  const [seed, draw, count] = name.split('/');
  seeds.set(seed, [...seeds.get(seed) ?? [], [draw, count, data as Float32Array]]);
}

it.each([...seeds])('draws what torch draws from seed %s, whatever the sizes and their order', (seed, draws) => {
  const generator = new TorchGenerator(BigInt(seed));
  for (const [draw, count, expected] of draws.sort(([a], [b]) => Number(a) - Number(b))) {
    const ours = generator.randn(Number(count));
    expect(ours.length).toBe(expected.length);
    const worst = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
    expect(worst, `draw ${draw} of ${count}`).toBeLessThan(1e-6);
  }
});
