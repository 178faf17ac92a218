import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lostFraction } from '../../../src/diffusion/lostFraction.ts';
import { exportFolder } from '../../support/exports.ts';

const unet = (name: string): string => join(exportFolder(name), 'unet/model.onnx');

it('tells what a U-Net of whole timesteps is not told', async () => {
  expect(await lostFraction(unet('sd1-dynamo-fixed'), Float64Array.of(999, 751.25, 3.5))).toBe(751.25);
  expect(await lostFraction(unet('sd1-dynamo-dynamic-external'), Float64Array.of(0.5))).toBe(0.5); // int32, of rank 1
});

it('finds nothing lost among whole timesteps, or where the U-Net takes floats', async () => {
  expect(await lostFraction(unet('sd1-dynamo-fixed'), Float64Array.of(999, 751))).toBeUndefined();
  expect(await lostFraction(unet('sd1-optimum'), Float64Array.of(751.25))).toBeUndefined();
});
