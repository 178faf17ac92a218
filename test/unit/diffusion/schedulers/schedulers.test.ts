import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import * as Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/errors.ts';
import { readComponentConfig } from '../../../../src/diffusion/componentConfig.ts';
import { GenerationNoise } from '../../../../src/diffusion/noise.ts';
import { replay } from '../../../../src/diffusion/replay.ts';
import { createScheduler } from '../../../../src/diffusion/schedulers/createScheduler.ts';
import { ownScheduler } from '../../../../src/diffusion/schedulers/ownScheduler.ts';
import { schedulerNames } from '../../../../src/spec/schedulerNames.ts';
import type { SchedulerName } from '../../../../src/spec/schedulerNames.ts';
import { standIn, trajectory } from '../../../support/schedulerGoldens.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

const network = await standIn();
const config = (name: SchedulerName, keys: object = {}) => ({
  path: 'scheduler_config.json', values: { _class_name: name === 'flow-euler' ? 'FlowMatchEulerDiscreteScheduler' : 'DDIMScheduler', ...(name === 'flow-euler' && { stochastic_sampling: true }), ...keys },
});
const scheduler = (name: SchedulerName, keys: object = {}) => createScheduler(name, config(name, keys));

describe.each(schedulerNames)('%s', (name) => {
  it('goes on from a snapshot as if it had never stopped, wherever that was taken', () => {
    const whole = trajectory(scheduler(name), 6, network);
    for (let at = 1; at < whole.length; at++) {
      const first = scheduler(name);
      first.setTimesteps(6);
      const before = new GenerationNoise(7, network.start.length);
      let sample: Float32Array = network.start.map((value) => value * Math.fround(first.initNoiseSigma));
      const step = (of: typeof first, index: number, noise: GenerationNoise): void => {
        sample = of.step(network.answer(of.scaleModelInput(sample, index)), index, sample, () => noise.draw()).prevSample;
      };
      for (let index = 0; index < at; index++) step(first, index, before);
      const second = scheduler(name);
      second.restore(structuredClone(first.snapshot()));
      const after = new GenerationNoise(7, network.start.length, before.drawn);
      for (let index = at; index < whole.length; index++) step(second, index, after);
      expect(sample, `from step ${at} on`).toEqual(whole[whole.length - 1].prevSample);
    }
  });

  it('comes to the same states when its predictions are replayed', () => {
    const made = scheduler(name);
    made.setTimesteps(6);
    const latentShape = [1, 4, 4, 4] as const;
    const noise = new GenerationNoise(11, 64);
    let latents = noise.initial(made.initNoiseSigma);
    const guided: Float32Array[] = [];
    const states = Array.from(made.timesteps, (_, index) => {
      const prediction = network.answer(made.scaleModelInput(latents, index));
      guided.push(prediction.slice());
      latents = made.step(prediction, index, latents, () => noise.draw()).prevSample;
      prediction.fill(NaN); // whoever asks the network may write its next answer over this one
      return { step: index + 1, latents, scheduler: made.snapshot(), drawn: noise.drawn, guided: guided[index] };
    });
    const request = { prompt: '', negativePrompt: '', seed: 11, steps: 6, guidanceScale: 1, scheduler: name };
    expect(replay({ createScheduler: () => scheduler(name), latentShape }, request, guided)).toEqual(states);
  });

  it.each([0, -1, 1001, 1e6])('refuses %i steps', (steps) => {
    expect(() => { scheduler(name).setTimesteps(steps); }).toThrow(InputError);
  });

  it('reads any configuration, or refuses it as input', () => {
    const value = fc.oneof(fc.constantFrom(null, true, false, 'linear', 'v_prediction', 'epsilon', 'trailing', 'sigma_min', 'heun', 0, 1, -1, 1e9, 0.5), fc.array(fc.double(), { maxLength: 3 }));
    const keys = fc.dictionary(fc.constantFrom(
      'num_train_timesteps', 'beta_start', 'beta_end', 'beta_schedule', 'trained_betas', 'prediction_type', 'timestep_spacing', 'steps_offset', 'solver_order', 'solver_type',
      'final_sigmas_type', 'use_karras_sigmas', 'use_flow_sigmas', 'lambda_min_clipped', 'original_inference_steps', 'shift', 'shift_terminal', 'sigma_min', 'disable_corrector', 'variance_type',
    ), value, { maxKeys: 4 });
    fc.assert(fc.property(keys, fc.integer({ min: 1, max: 40 }), (given, steps) => {
      try {
        trajectory(scheduler(name, given), steps, network);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      }
    }), { seed: 1, numRuns: 150 });
  });
});

it('those without state take a step from the sample alone', () => {
  const stateless = schedulerNames.filter((name) => scheduler(name).stateless);
  expect(stateless).toEqual(['ddim', 'euler']);
  for (const name of stateless) {
    const made = trajectory(scheduler(name), 6, network);
    const fresh = scheduler(name);
    fresh.setTimesteps(6);
    const sample = made[2].prevSample;
    expect(fresh.step(network.answer(fresh.scaleModelInput(sample, 3)), 3, sample, () => { throw new Error('drew noise'); })).toEqual(made[3]);
  }
});

it('PNDM makes the steps of Runge and Kutta unless a key says not, whatever class the configuration was written for', () => {
  const calls = (values: object): number => {
    const pndm = createScheduler('pndm', { path: 'p', values });
    pndm.setTimesteps(10);
    return pndm.timesteps.length;
  };
  expect([{ _class_name: 'DDIMScheduler' }, { _class_name: 'PNDMScheduler' }, { _class_name: 'DDIMScheduler', skip_prk_steps: true }].map(calls)).toEqual([19, 19, 11]);
});

describe("a pipeline's own scheduler", () => {
  it.each([
    ['PNDMScheduler', 'pndm'], ['EulerDiscreteScheduler', 'euler'], ['DPMSolverMultistepScheduler', 'dpmpp-2m'], ['LCMScheduler', 'lcm'], ['FlowMatchEulerDiscreteScheduler', 'flow-euler'],
  ])('%s is called %s', (className, name) => {
    expect(ownScheduler({ path: 'p', values: { _class_name: className } })).toBe(name);
  });

  it('draws noise where its algorithm does, and is DDIM where no class is named', () => {
    expect(ownScheduler({ path: 'p', values: { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'sde-dpmsolver++' } })).toBe('dpmpp-2m-sde');
    expect(ownScheduler({ path: 'p', values: {} })).toBe('ddim');
  });

  it('of an unknown class is refused with those that can be named instead', () => {
    for (const className of ['EDMEulerScheduler', 'constructor', '']) {
      expect(() => ownScheduler({ path: 'scheduler/scheduler_config.json', values: { _class_name: className } })).toThrow(expect.objectContaining({
        file: 'scheduler/scheduler_config.json', place: '/_class_name',
      }) as InputError);
    }
  });
});

describe('what does not fit together', () => {
  it.each<[SchedulerName, string, object]>([
    ['flow-euler', '/_class_name', { _class_name: 'DDIMScheduler' }],
    ['ddim', '/_class_name', { _class_name: 'FlowMatchEulerDiscreteScheduler' }],
    ['pndm', '/rescale_betas_zero_snr', { rescale_betas_zero_snr: true }],
    ['heun', '/rescale_betas_zero_snr', { rescale_betas_zero_snr: true }],
    ['pndm', '/prediction_type', { prediction_type: 'sample' }],
    ['euler-ancestral', '/prediction_type', { prediction_type: 'sample' }],
    ['euler', '/prediction_type', { prediction_type: 'flow_prediction' }],
    ['euler', '/timestep_type', { prediction_type: 'v_prediction', timestep_type: 'continuous' }],
    ['euler', '/use_exponential_sigmas', { use_karras_sigmas: true, use_exponential_sigmas: true }],
    ['ddpm', '/variance_type', { variance_type: 'learned_range' }],
    ['ddpm', '/variance_type', { variance_type: 'fixed_large_log' }],
    ['ddim', '/trained_betas', { trained_betas: [0.1, 0.2] }],
    ['dpmpp-2m', '/final_sigmas_type', { algorithm_type: 'dpmsolver' }],
    ['dpmpp-2m', '/solver_order', { solver_order: 4 }],
    ['dpmpp-2m-sde', '/solver_order', { algorithm_type: 'sde-dpmsolver', solver_order: 3, final_sigmas_type: 'sigma_min' }],
    ['dpmpp-2m', '/final_sigmas_type', { algorithm_type: 'deis' }],
    ['unipc', '/final_sigmas_type', { predict_x0: false }],
    ['unipc', '/predict_x0', { predict_x0: false, prediction_type: 'flow_prediction', use_flow_sigmas: true }],
    ['unipc', '/shift_terminal', { shift_terminal: 0.1, use_flow_sigmas: true }],
    ['unipc', '/use_dynamic_shifting', { use_dynamic_shifting: true }],
    ['lcm', '/original_inference_steps', { original_inference_steps: 50, num_train_timesteps: 25 }],
    ['flow-euler', '/sigma_max', { sigma_max: 80 }],
    ['flow-euler', '/invert_sigmas', { invert_sigmas: true }],
    ['flow-euler', '/use_dynamic_shifting', { use_dynamic_shifting: true }],
  ])('%s is refused at %s', (name, place, keys) => {
    expect(() => scheduler(name, keys)).toThrow(expect.objectContaining({ name: 'InputError', file: 'scheduler_config.json', place }) as InputError);
  });
});

describe('steps at which the arithmetic would come to NaN or infinity', () => {
  it.each<[SchedulerName, object, number]>([
    ['ddim', { rescale_betas_zero_snr: true, timestep_spacing: 'trailing', clip_sample: false }, 5],
    ['lcm', { rescale_betas_zero_snr: true }, 4],
    ['ddpm', { trained_betas: [0.1, 0.5, 1], num_train_timesteps: 3, timestep_spacing: 'trailing', clip_sample: false }, 3],
    ['euler', { trained_betas: [0.1, 0.5, 1], num_train_timesteps: 3 }, 2],
    ['dpmpp-2m-sde', { final_sigmas_type: 'sigma_min', use_exponential_sigmas: true, sigma_min: 0.002 }, 5], // its last step goes back up
    ['unipc', { lower_order_final: false }, 5],
    ['flow-euler', { shift_terminal: 0.1 }, 1],
  ])('%s of %o, %i steps, are refused before any is made', (name, keys, steps) => {
    const refused = expect.objectContaining({ name: 'InputError', file: 'scheduler_config.json', message: expect.stringContaining('NaN') as string }) as InputError;
    expect(() => { scheduler(name, keys).setTimesteps(steps); }).toThrow(refused);
  });

  it('leave alone those that miss them', () => {
    const leading = scheduler('ddim', { rescale_betas_zero_snr: true, timestep_spacing: 'leading' });
    leading.setTimesteps(5);
    expect(leading.timesteps[0]).toBe(800);
  });
});

it.each([
  // numpy.linspace counts in steps: 665.9999… here, 666 where one divides last
  ['dpmpp-2m', 15, [999, 932, 865, 799, 732, 666, 599, 532, 466, 399, 332, 266, 199, 133, 66]],
  ['unipc', 6, [999, 833, 667, 500, 333, 167]],
] as const)('%s cuts timesteps of flow sigmas off where numpy does', (name, steps, expected) => {
  const made = scheduler(name, { use_flow_sigmas: true, prediction_type: 'flow_prediction' });
  made.setTimesteps(steps);
  expect([...made.timesteps]).toEqual(expected);
});

it('infinities that Python writes into a configuration count as left out', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'scheduler_config.json'), '{ "_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity, "note": "-Infinity, \\"NaN", "x": [NaN, Infinity] }');
  const read = await readComponentConfig(folder, 'scheduler_config.json', Type.Object({ _class_name: Type.Optional(Type.String()) }));
  expect(read.values).toEqual({ _class_name: 'DPMSolverMultistepScheduler', lambda_min_clipped: null, note: '-Infinity, "NaN', x: [null, null] });
  expect(createScheduler(ownScheduler(read), read).trainTimesteps).toBe(1000);
});
