import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { usualSampling } from '../../../src/diffusion/usualSampling.ts';
import { parseSpec } from '../../../src/spec/parseSpec.ts';

function clues(name: string): Parameters<typeof usualSampling>[0] {
  const read = (path: string): unknown => {
    const file = `test/reference/exports/${name}/${path}`;
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  };
  return { index: read('model_index.json'), scheduler: read('scheduler/scheduler_config.json'), unet: read('unet/config.json') };
}

it.each([
  ['sd1-optimum', { steps: 20, guidanceScale: 7.5 }], ['sd2-optimum', { steps: 20, guidanceScale: 7.5 }], ['sdxl-optimum', { steps: 25, guidanceScale: 5 }],
  ['turbo-optimum', { steps: 20, guidanceScale: 7.5 }], // predicts v, as no published Turbo does
  ['lcm-optimum', { steps: 4, guidanceScale: 8 }],
])('%s', (name, expected) => { expect(usualSampling(clues(name))).toEqual(expected); });

it('models that were distilled are known by their schedulers, those with zero terminal SNR are not taken for such', () => {
  const index = { _class_name: 'StableDiffusionPipeline' };
  const trailing = { _class_name: 'EulerDiscreteScheduler', timestep_spacing: 'trailing', prediction_type: 'epsilon' };
  const asked = (scheduler: object): object => usualSampling({ index, unet: {}, scheduler });
  for (const distilled of [trailing, { ...trailing, prediction_type: 'sample' }, { ...trailing, _class_name: 'EulerAncestralDiscreteScheduler' }, { _class_name: 'LCMScheduler' }]) expect(asked(distilled)).toEqual({ steps: 4, guidanceScale: 1 });
  expect(asked({ ...trailing, rescale_betas_zero_snr: true })).toEqual({ steps: 20, guidanceScale: 7.5 });
  expect(asked({ ...trailing, _class_name: 'DDIMScheduler', prediction_type: 'v_prediction', rescale_betas_zero_snr: true })).toEqual({ steps: 20, guidanceScale: 7.5, guidanceRescale: 0.7 });
});

it('anything gives numbers that a spec may hold', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (index, scheduler, unet) => {
    const sample = { prompt: 'a house', seeds: [0], ...usualSampling({ index, scheduler, unet }) };
    expect(parseSpec(JSON.stringify({ dmi: 1, model: 'm', sample }), 'a.dmi.json').problems).toEqual([]);
  }), { seed: 1, numRuns: 50 });
});
