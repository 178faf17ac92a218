import { describe, expect, it } from 'vitest';
import { createScheduler } from '../../../../src/diffusion/schedulers/createScheduler.ts';
import { ownScheduler } from '../../../../src/diffusion/schedulers/ownScheduler.ts';
import { everyFourth, relativeDifference, schedulerGoldens, standIn, trajectory } from '../../../support/schedulerGoldens.ts';

const goldens = await schedulerGoldens();
const network = await standIn();
/** Classes of diffusers, and what they are called in a spec. */
const rows = [...new Set(goldens.map((golden) => golden.class))].map((name) => {
  const called = name === 'DPMSolverMultistepScheduler' ? 'dpmpp-2m, dpmpp-2m-sde' : ownScheduler({ path: '', values: { _class_name: name } });
  return [`${name}: ${called}`, name] as const;
});

describe('supported: schedulers', () => {
  it.each(rows)('%s', (_, name) => {
    const worst = { samples: 0, timesteps: 0 };
    for (const { class: className, config, steps, timesteps, sigma, middle, final, original } of goldens.filter((golden) => golden.class === name)) {
      const what = `${JSON.stringify(config).slice(0, 200)}, ${steps} steps`;
      const component = { path: 'scheduler_config.json', values: { _class_name: className, ...config } };
      const scheduler = createScheduler(ownScheduler(component), component);
      const made = trajectory(scheduler, steps, network);
      expect(made, what).toHaveLength(timesteps.length);
      const apart = relativeDifference(scheduler.timesteps, timesteps);
      expect(apart, `timesteps of ${what}`).toBeLessThan(1e-6);
      expect(Math.abs(scheduler.initNoiseSigma / sigma - 1), `noise of ${what}`).toBeLessThan(1e-6);
      const half = made[made.length >> 1];
      const differences = [[half.prevSample, middle], [made[made.length - 1].prevSample, final]] as const;
      const errors = differences.map(([found, expected]) => relativeDifference(everyFourth(found), expected));
      if (original.some((value) => value !== 0)) errors.push(relativeDifference(everyFourth(half.predOriginalSample), original));
      errors.forEach((error, index) => { expect(error, `${['half-way', 'final', 'x0'][index]} of ${what}`).toBeLessThan(1e-4); });
      worst.samples = Math.max(worst.samples, ...errors);
      worst.timesteps = Math.max(worst.timesteps, apart);
    }
    console.log(`${name}: worst relative difference ${worst.samples.toExponential(1)}, of timesteps ${worst.timesteps.toExponential(1)}`);
  });
});
