import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import { float32 } from '../../../src/base/tensor.ts';
import { SessionDenoiser } from '../../../src/diffusion/denoiser.ts';
import type { ValueInfo } from '../../../src/onnx/session.ts';
import { fakeSession } from '../../support/fakeSession.ts';

const sample: ValueInfo = { name: 'x', dtype: 'float32', dims: ['batch', 4, 'height', 'width'] };
const text: ValueInfo = { name: 'context', dtype: 'float32', dims: ['batch', 'tokens', 8] };
const timestep: ValueInfo = { name: 't', dtype: 'int64', dims: [] };
const outputs: ValueInfo[] = [{ name: 'out_sample', dtype: 'float32', dims: sample.dims }, { name: 'delta/mid', dtype: 'float32', dims: sample.dims }];

function unet(inputs: readonly ValueInfo[]): ReturnType<typeof fakeSession> {
  return fakeSession(inputs, outputs, ({ x }) => ({ out_sample: x, 'delta/mid': x }));
}

const noisy = float32(new Float32Array(2 * 4), [2, 4, 1, 1]);
const embeds = float32(new Float32Array(2 * 8), [2, 1, 8]);

describe('a U-Net in a session', () => {
  it('has its inputs told apart whatever their names and order', async () => {
    const session = unet([timestep, text, sample]);
    const { noise, taps } = await new SessionDenoiser(session, 'unet.onnx').predict(noisy, 7, { promptEmbeds: embeds });
    expect(session.calls[0].x).toBe(noisy);
    expect(session.calls[0].context).toBe(embeds);
    expect(noise).toBe(noisy);
    expect(Object.keys(taps)).toEqual(['delta/mid']);
  });

  it.each<[string, ValueInfo, Tensor]>([
    ['an int64 scalar', timestep, { dtype: 'int64', shape: [], data: BigInt64Array.of(501n) }],
    ['a float32 scalar', { ...timestep, dtype: 'float32' }, { dtype: 'float32', shape: [], data: Float32Array.of(501) }],
    ['a float64 of rank 1', { ...timestep, dtype: 'float64', dims: ['steps'] }, { dtype: 'float64', shape: [1], data: Float64Array.of(501) }],
    ['a float16 for each row, where the export calls both the same', { ...timestep, dtype: 'float16', dims: ['batch'] }, { dtype: 'float16', shape: [2], data: Uint16Array.of(0x5fd4, 0x5fd4) }],
    ['two int32', { ...timestep, dtype: 'int32', dims: [2] }, { dtype: 'int32', shape: [2], data: Int32Array.of(501, 501) }],
  ])('gets its timestep as %s', async (_, declared, expected) => {
    const session = unet([sample, declared, text]);
    await new SessionDenoiser(session, 'unet.onnx').predict(noisy, 501, { promptEmbeds: embeds });
    expect(session.calls[0].t).toEqual(expected);
  });

  it('knows the pooled text and time ids of SDXL by name, or by the six numbers where the exporter gave no names', async () => {
    const told = { promptEmbeds: embeds, pooled: float32(new Float32Array(10), [2, 5]), timeIds: float32(new Float32Array(12), [2, 6]) };
    for (const [pooled, timeIds] of [['added_cond_kwargs_text_embeds', 'added_cond_kwargs_time_ids'], ['onnx::Concat_3', 'onnx::Shape_4']]) {
      const session = unet([sample, timestep, text, { name: timeIds, dtype: 'float32', dims: ['n', 6] }, { name: pooled, dtype: 'float32', dims: ['n', 5] }]);
      await new SessionDenoiser(session, 'unet.onnx').predict(noisy, 7, told);
      expect([session.calls[0][pooled], session.calls[0][timeIds]]).toEqual([told.pooled, told.timeIds]);
      await expect(new SessionDenoiser(session, 'unet.onnx').predict(noisy, 7, { promptEmbeds: embeds })).rejects.toThrow(InputError);
    }
  });

  it('is refused where it answers in another shape, as one that predicts a variance as well', async () => {
    const session = fakeSession([sample, timestep, text], outputs, () => ({ out_sample: float32(new Float32Array(16), [2, 8, 1, 1]), 'delta/mid': noisy }));
    await expect(new SessionDenoiser(session, 'unet.onnx').predict(noisy, 7, { promptEmbeds: embeds })).rejects.toThrow(/answers with \[2, 8, 1, 1\] to a sample of \[2, 4, 1, 1\]/);
  });

  it('is not asked in a shape that it was not exported for', async () => {
    const session = unet([{ ...sample, dims: ['batch', 4, 8, 8] }, timestep, text]);
    await expect(new SessionDenoiser(session, 'unet.onnx').predict(noisy, 7, { promptEmbeds: embeds })).rejects.toThrow(/made for x of \[batch, 4, 8, 8\], not of \[2, 4, 1, 1\]/);
  });

  it.each<[string, ValueInfo[], RegExp]>([
    ['a model without a text input', [sample, timestep], /0 of the inputs could be an encoded text/],
    ['a model with two samples', [sample, { ...sample, name: 'y' }, timestep, text], /2 of the inputs .*x .*y /],
    ['classes, of a timestep\'s rank', [sample, { ...timestep, name: 'timestep' }, text, { name: 'class_labels', dtype: 'int64', dims: ['n'] }], /class_labels: this input/],
    ['an input of unknown meaning', [sample, timestep, text, { name: 'image_embeds', dtype: 'float32', dims: ['batch', 6] }], /image_embeds/],
    ['a model of whole numbers', [{ ...sample, dtype: 'uint8' }, timestep, text], /uint8, not float32\n.*float32/],
  ])('is refused: %s', (_, inputs, message) => {
    let error: unknown;
    try {
      new SessionDenoiser(unet(inputs), 'unet.onnx');
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).describe()).toMatch(message);
  });
});
