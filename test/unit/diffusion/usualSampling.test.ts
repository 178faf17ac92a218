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
  ['turbo-optimum', { steps: 4, guidanceScale: 1 }], ['lcm-optimum', { steps: 4, guidanceScale: 8.5 }],
])('%s', (name, expected) => { expect(usualSampling(clues(name))).toEqual(expected); });

it('a model with zero terminal SNR is not taken for a distilled one, a merged LCM needs no guidance', () => {
  const index = { _class_name: 'StableDiffusionPipeline' };
  const trailing = { _class_name: 'EulerDiscreteScheduler', timestep_spacing: 'trailing' };
  expect(usualSampling({ index, unet: {}, scheduler: { ...trailing, rescale_betas_zero_snr: true } }).steps).toBe(20);
  expect(usualSampling({ index, unet: {}, scheduler: trailing })).toEqual({ steps: 4, guidanceScale: 1 });
  expect(usualSampling({ index, unet: {}, scheduler: { _class_name: 'LCMScheduler' } })).toEqual({ steps: 4, guidanceScale: 1 });
});

it('anything gives numbers that a spec may hold', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (index, scheduler, unet) => {
    const sample = { prompt: 'a house', seeds: [0], ...usualSampling({ index, scheduler, unet }) };
    expect(parseSpec(JSON.stringify({ dmi: 1, model: 'm', sample }), 'a.dmi.json').problems).toEqual([]);
  }), { seed: 1, numRuns: 50 });
});
