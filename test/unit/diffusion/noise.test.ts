import { expect, it } from 'vitest';
import { initialLatents } from '../../../src/diffusion/noise.ts';
import { largestDifference, samplingGoldens, samplingTensor } from '../../support/samplingGoldens.ts';

it('starts from the noise that torch draws for the seed', async () => {
  const { requests } = await samplingGoldens();
  const noise = await samplingTensor('noise');
  requests.forEach(({ seed }, i) => {
    expect(largestDifference(initialLatents(seed, [1, 4, 16, 16], 1), noise.subarray(i * 1024, (i + 1) * 1024)), `seed ${seed}`).toBeLessThan(1e-6);
  });
});

it('scales the noise by the scheduler\'s sigma', () => {
  const unit = initialLatents(3, [1, 4, 2, 2], 1);
  expect(initialLatents(3, [1, 4, 2, 2], 2)).toEqual(unit.map((value) => 2 * value));
});
