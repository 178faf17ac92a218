import { describe, it } from 'vitest';
import type { Rule } from '../../src/instrument/sites.ts';
import { exportFolder, withRestOfPipeline } from '../support/exports.ts';
import { holds } from '../support/exportHolds.ts';

const float16 = 2e-2;

describe('supported: exports', () => {
  const row = (title: string, name: string, how: readonly Rule[], tolerance?: number): void => {
    it(title, () => holds(name, { folder: exportFolder(name), how, ...(tolerance !== undefined && { tolerance }) }));
  };
  row('Stable Diffusion 1 by optimum: any number of rows, scalar timestep, int64 ids', 'sd1-optimum', ['name', 'weight']);
  row('Stable Diffusion 1 by the script of diffusers: external data, timestep of rank 1, int32 ids, no configurations', 'sd1-script', ['name', 'weight']);
  row('Stable Diffusion 1 by the script of diffusers, float16 throughout', 'sd1-script-fp16', ['name', 'weight'], float16);
  row('Stable Diffusion 1 by torch.onnx of a wrapped module (names with a prefix), one row at a time', 'sd1-legacy-wrapped-batch1', ['name', 'weight']);
  row('Stable Diffusion 1 by the dynamo exporter, two rows at a time', 'sd1-dynamo-fixed', ['metadata', 'weight']);
  row('Stable Diffusion 1 by the dynamo exporter of a wrapped module, any number of rows, external data, int32 timestep', 'sd1-dynamo-dynamic-external', ['metadata', 'weight']);
  it('Stable Diffusion 1 by exporters before PyTorch 1.13, whose values have numbers for names', async () =>
    holds('sd1-before-1.13', { folder: await withRestOfPipeline('sd1-before-1.13'), how: ['weight'] }));
  row('Stable Diffusion 2 by optimum: v-prediction, linear projections, padding with "!"', 'sd2-optimum', ['name', 'weight']);
  row('Stable Diffusion 2 by the dynamo exporter', 'sd2-dynamo', ['metadata', 'weight']);
  it('SD Turbo by optimum: few steps, no guidance', async () =>
    holds('turbo-optimum', { folder: await withRestOfPipeline('turbo-optimum', 'sd2-optimum'), how: ['name', 'weight'] }));
  row('SDXL by optimum: two text encoders, pooled texts, time ids', 'sdxl-optimum', ['name', 'weight']);
  row('SDXL by optimum, float16 inside and float32 outside, latents with mean and deviation', 'sdxl-fp16-inside', ['name', 'weight'], float16);
  it('LCM by optimum: embedded guidance weight (timestep_cond)', async () =>
    holds('lcm-optimum', { folder: await withRestOfPipeline('lcm-optimum'), how: ['name', 'weight'] }));
});
