import { expect, it } from 'vitest';
import { TorchGenerator } from '../../../src/base/torchRandom.ts';
import { GenerationNoise } from '../../../src/diffusion/noise.ts';
import { largestDifference, samplingGoldens, samplingTensor } from '../../support/samplingGoldens.ts';

it('starts from the noise that torch draws for the seed', async () => {
  const { requests } = await samplingGoldens();
  const noise = await samplingTensor('noise');
  requests.forEach(({ seed }, i) => {
    expect(largestDifference(new GenerationNoise(seed, 1024).initial(1), noise.subarray(i * 1024, (i + 1) * 1024)), `seed ${seed}`).toBeLessThan(1e-6);
  });
});

it('scales the noise by the scheduler\'s sigma', () => {
  const unit = new GenerationNoise(3, 16).initial(1);
  expect(new GenerationNoise(3, 16).initial(2)).toEqual(unit.map((value) => 2 * value));
});

it('goes on with the draws of one generator, wherever it is taken up', () => {
  const generator = new TorchGenerator(3);
  const [start, ...drawn] = [0, 1, 2].map(() => generator.randn(40));
  const noise = new GenerationNoise(3, 40);
  expect([noise.initial(1), noise.draw(), noise.draw()]).toEqual([start, ...drawn]);
  expect(noise.drawn).toBe(2);
  expect(new GenerationNoise(3, 40, 1).draw()).toEqual(drawn[1]);
});
