import { describe, it } from 'vitest';
import type { Rule } from '../../src/instrument/sites.ts';
import { exportFolder, withRestOfPipeline } from '../support/exports.ts';
import { holds } from '../support/exportHolds.ts';

const float16 = 2e-2;

describe('supported: exports', () => {
  /** @param rest the export that other parts of the pipeline are taken from; left out: the export is whole */
  const row = (title: string, name: string, how: readonly Rule[], { tolerance, rest }: { readonly tolerance?: number; readonly rest?: string } = {}): void => {
    it(title, async () => {
      await holds(name, { folder: rest === undefined ? exportFolder(name) : await withRestOfPipeline(name, rest), how, ...(tolerance !== undefined && { tolerance }) });
    });
  };
  const [legacy, dynamo, numbered] = [['name', 'weight'], ['metadata', 'weight'], ['weight']] as const satisfies readonly (readonly Rule[])[];
  row('Stable Diffusion 1 by optimum: any number of rows, scalar timestep, int64 ids', 'sd1-optimum', legacy);
  row('Stable Diffusion 1 by optimum, --dtype fp16', 'sd1-optimum-fp16', legacy, { tolerance: float16 });
  row('Stable Diffusion 1 by the script of diffusers: external data, timestep of rank 1, int32 ids, no configurations', 'sd1-script', legacy);
  row('Stable Diffusion 1 by the script of diffusers, --fp16', 'sd1-script-fp16', legacy, { tolerance: float16 });
  row('Stable Diffusion 1 by torch.onnx of a wrapped module (names with a prefix), one row at a time', 'sd1-legacy-wrapped-batch1', legacy);
  row('Stable Diffusion 1 by the dynamo exporter, two rows at a time', 'sd1-dynamo-fixed', dynamo);
  row('Stable Diffusion 1 by the dynamo exporter of a wrapped module, any number of rows, external data, int32 timestep', 'sd1-dynamo-dynamic-external', dynamo);
  row('Stable Diffusion 1 by the dynamo exporter, float16 throughout', 'sd1-dynamo-fp16', dynamo, { tolerance: float16 });
  row('Stable Diffusion 1 by exporters before PyTorch 1.13, whose values have numbers for names', 'sd1-before-1.13', numbered, { rest: 'sd1-optimum' });
  row('Stable Diffusion 1 fused for the CPU by ONNX Runtime\'s optimiser: Attention, MultiHeadAttention, SkipLayerNormalization, Gelu', 'sd1-for-the-cpu', legacy, { rest: 'sd1-optimum' });
  row('Stable Diffusion 2 by optimum: v-prediction, linear projections, padding with "!"', 'sd2-optimum', legacy);
  row('Stable Diffusion 2 by the script of diffusers (its U-Net): v-prediction', 'sd2-script', legacy, { rest: 'sd2-optimum' });
  row('Stable Diffusion 2 by the dynamo exporter', 'sd2-dynamo', dynamo);
  row('SD Turbo by optimum: few steps, no guidance', 'turbo-optimum', legacy, { rest: 'sd2-optimum' });
  row('SDXL by optimum: two text encoders, pooled texts, time ids', 'sdxl-optimum', legacy);
  row('SDXL by optimum, --dtype fp16', 'sdxl-optimum-fp16', legacy, { tolerance: float16 });
  row('SDXL by optimum, float16 inside and float32 outside (U-Net and VAE), latents with mean and deviation', 'sdxl-fp16-inside', legacy, { rest: 'sdxl-optimum-fp16', tolerance: float16 });
  row('SDXL by torch.onnx of a wrapped module (its U-Net), float16, any number of rows, int64 timestep of rank 1', 'sdxl-legacy-wrapped-fp16', legacy, { rest: 'sdxl-optimum', tolerance: float16 });
  row('SDXL by the dynamo exporter (U-Net and second text encoder), any number of rows', 'sdxl-dynamo', dynamo, { rest: 'sdxl-optimum' });
  row('SDXL by the dynamo exporter of a wrapped module (its U-Net), float16 inside, two rows at a time', 'sdxl-dynamo-fp16-inside', dynamo, { rest: 'sdxl-optimum', tolerance: float16 });
  row('LCM by optimum: embedded guidance weight (timestep_cond)', 'lcm-optimum', legacy, { rest: 'sd1-optimum' });
  row('LCM by the dynamo exporter (its U-Net)', 'lcm-dynamo', dynamo, { rest: 'sd1-optimum' });
  row('LCM by torch.onnx (its U-Net), float16, one row at a time', 'lcm-legacy-fp16', legacy, { rest: 'sd1-optimum', tolerance: float16 });
});
