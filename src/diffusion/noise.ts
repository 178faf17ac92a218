import { TorchGenerator } from '../base/torchRandom.ts';

/**
 * The noise a generation starts from: `torch.randn(shape, generator=torch.Generator("cpu").manual_seed(seed))`, as diffusers draws it.
 * @param shape [1, channels, height, width]. @param sigma the scheduler's `initNoiseSigma`.
 */
export function initialLatents(seed: number, shape: readonly [1, number, number, number], sigma: number): Float32Array {
  const [, channels, height, width] = shape;
  const latents = new TorchGenerator(seed).randn(channels * height * width);
  return sigma === 1 ? latents : latents.map((value) => value * sigma);
}
