import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { float32 } from '../../../src/base/tensor.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import { VaeDecoder } from '../../../src/diffusion/vaeDecoder.ts';
import { fakeSession } from '../../support/fakeSession.ts';

const latents = float32(Float32Array.of(1, 2, 3, 4), [1, 2, 1, 2]);

/** A decoder of grey pictures; it keeps what it was fed. */
function decoder(dtype: string, rows: string | number, grey: Tensor): ReturnType<typeof fakeSession> {
  return fakeSession([{ name: 'latent', dtype, dims: [rows, 2, 'h', 'w'] }], [{ name: 'pixels', dtype, dims: [rows, 3, 'h', 'w'] }], () => ({ pixels: grey }));
}

const grey = float32(new Float32Array(6), [1, 3, 1, 2]);

describe('latents before a VAE decodes them', () => {
  it.each([
    ['are divided by the scaling factor', { scaling_factor: 0.5 }, [2, 4, 6, 8]],
    ['are left unshifted, as diffusers leaves them before the VAE of a U-Net', { scaling_factor: 0.5, shift_factor: 1 }, [2, 4, 6, 8]],
    ['have no mean without deviation', { scaling_factor: 0.5, latents_mean: [0.5, 0], latents_std: null }, [2, 4, 6, 8]],
    ['have mean and deviation of their own in each channel', { scaling_factor: 0.5, latents_mean: [0.5, 0], latents_std: [2, 0.5] }, [4.5, 8.5, 3, 4]],
  ])('%s', async (_, scale, expected) => {
    const session = decoder('float32', 'n', grey);
    const [picture] = await new VaeDecoder(session, scale, 'vae.onnx').decode(latents);
    expect([...session.calls[0].latent.data as Float32Array]).toEqual(expected);
    expect([...picture.data]).toEqual([128, 128, 128, 128, 128, 128]);
  });
});

it.each([{ latents_mean: [0.5], latents_std: [2, 0.5] }, { latents_mean: [0.5, 0], latents_std: [2, 0.5, 1] }])('a mean or deviation of other channels is told as such: %j', async (scale) => {
  const error: unknown = await new VaeDecoder(decoder('float32', 'n', grey), scale, 'vae.onnx').decode(latents).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).describe()).toMatch(/latents have 2 channels, its configuration tells latents_(?:mean of 1|std of 3)/);
});

it('a decoder that makes depth as well is refused, also where it does not say so before', async () => {
  const deep = { dtype: 'float32', shape: [1, 4, 1, 2], data: new Float32Array(8) } as const;
  const says = fakeSession([{ name: 'latent', dtype: 'float32', dims: ['n', 2, 'h', 'w'] }], [{ name: 'pixels', dtype: 'float32', dims: ['n', 4, 'h', 'w'] }], () => ({ pixels: deep }));
  expect(() => new VaeDecoder(says, {}, 'vae.onnx')).toThrow(/pictures of 4 channels/);
  const silent = fakeSession([{ name: 'latent', dtype: 'float32', dims: ['n', 2, 'h', 'w'] }], [{ name: 'pixels', dtype: 'float32', dims: ['n', 'c', 'h', 'w'] }], () => ({ pixels: deep }));
  await expect(new VaeDecoder(silent, {}, 'vae.onnx').decode(latents)).rejects.toThrow(/pictures of 4 channels/);
});

it('several latents go one by one through a decoder of one row', async () => {
  const session = decoder('float32', 1, grey);
  expect(await new VaeDecoder(session, { scaling_factor: 1 }, 'vae.onnx').decode(float32(new Float32Array(12), [3, 2, 1, 2]))).toHaveLength(3);
  expect(session.calls.map(({ latent }) => latent.shape)).toEqual([[1, 2, 1, 2], [1, 2, 1, 2], [1, 2, 1, 2]]);
});

it('a float16 decoder that overflows is told as such', async () => {
  const session = decoder('float16', 'n', { dtype: 'float16', shape: [1, 3, 1, 2], data: new Uint16Array(6).fill(0x7e00) });
  const error: unknown = await new VaeDecoder(session, {}, 'vae.onnx').decode(latents).catch((reason: unknown) => reason);
  expect(session.calls[0].latent.dtype).toBe('float16');
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).describe()).toMatch(/vae\.onnx: .*NaN or infinity\n.*export its decoder in float32/);
});
