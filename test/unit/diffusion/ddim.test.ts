import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { createDdim } from '../../../src/diffusion/schedulers/ddim.ts';
import { alphasCumprod, noiseDefaults } from '../../../src/diffusion/schedulers/noiseSchedule.ts';
import { largestDifference, samplingGoldens, samplingTensor } from '../../support/samplingGoldens.ts';

const { schedulers } = await samplingGoldens();
const ddim = (config: object): ReturnType<typeof createDdim> => createDdim({ path: 'scheduler_config.json', values: config });

const noNoise = (): never => { throw new Error('DDIM draws no noise'); };

/** The goldens' stand-in for a U-Net: x/2 + c. */
function answer(sample: Float32Array, constant: Float32Array): Float32Array {
  return sample.map((x, i) => Math.fround(0.5 * x) + constant[i]);
}

describe.each(Object.entries(schedulers))('DDIM configured as "%s"', (name, { config, timesteps }) => {
  it('visits the timesteps of diffusers', () => {
    const scheduler = ddim(config);
    for (const [steps, expected] of Object.entries(timesteps)) {
      scheduler.setTimesteps(Number(steps));
      expect([...scheduler.timesteps], `${steps} steps`).toEqual(expected);
    }
  });

  it('has the noise levels of diffusers', async () => {
    expect(largestDifference(alphasCumprod({ ...noiseDefaults, beta_schedule: 'linear', ...config }, 'scheduler_config.json'), await samplingTensor(`scheduler/${name}/alphas_cumprod`))).toBeLessThan(2e-7);
  });

  it('follows the trajectory of diffusers, x0 included', async () => {
    const [start, constant, expected] = await Promise.all(['start', 'constant', name].map((tensor) => samplingTensor(`scheduler/${tensor}`)));
    const scheduler = ddim(config);
    scheduler.setTimesteps(10);
    let sample = start;
    for (let step = 0; step < 10; step++) {
      const { prevSample, predOriginalSample } = scheduler.step(answer(sample, constant), step, sample, noNoise);
      const [prev, original] = [0, 1].map((i) => expected.subarray((step * 2 + i) * 64, (step * 2 + i + 1) * 64));
      const scale = Math.max(1, ...original.map(Math.abs));
      expect(largestDifference(prevSample, prev) / scale, `step ${step}`).toBeLessThan(2e-6);
      expect(largestDifference(predOriginalSample, original) / scale, `x0 of step ${step}`).toBeLessThan(2e-6);
      sample = prevSample;
    }
  });
});

describe('DDIM', () => {
  it('goes on from a snapshot as if it had never stopped', async () => {
    const [start, constant] = await Promise.all(['start', 'constant'].map((tensor) => samplingTensor(`scheduler/${tensor}`)));
    const first = ddim({});
    first.setTimesteps(7);
    const half = first.step(answer(start, constant), 0, start, noNoise).prevSample;
    const second = ddim({});
    second.restore(first.snapshot());
    expect(second.step(answer(half, constant), 1, half, noNoise)).toEqual(first.step(answer(half, constant), 1, half, noNoise));
  });

  it.each([
    ['/beta_schedule', { beta_schedule: 'sigmoid' }],
    ['/prediction_type', { prediction_type: 'flow' }],
    ['/thresholding', { thresholding: 'yes' }],
    ['/trained_betas', { trained_betas: [0.1, 0.2] }],
  ])('refuses what it does not know at %s', (place, config) => {
    expect(() => ddim(config)).toThrow(expect.objectContaining({ name: 'InputError', file: 'scheduler_config.json', place }) as InputError);
  });

  it.each([0, 1000, 1001])('refuses %i steps of a schedule of 1000 with offset 1', (steps) => {
    expect(() => { ddim({ steps_offset: 1 }).setTimesteps(steps); }).toThrow(InputError);
  });
});
