import { describe, expect, it } from 'vitest';
import { CancelledError, InputError } from '../../../src/base/errors.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import { float32 } from '../../../src/base/tensor.ts';
import type { Texts } from '../../../src/diffusion/conditioning.ts';
import type { Denoiser } from '../../../src/diffusion/denoiser.ts';
import type { LoadedPipeline } from '../../../src/diffusion/loadPipeline.ts';
import { PromptEncoder } from '../../../src/diffusion/promptEncoder.ts';
import type { SampleRequest, StepState } from '../../../src/diffusion/sample.ts';
import { sample } from '../../../src/diffusion/sample.ts';
import { createDdim } from '../../../src/diffusion/schedulers/ddim.ts';
import type { PromptTokenizer } from '../../../src/diffusion/tokenizer.ts';
import { fakeSession } from '../../support/fakeSession.ts';

const request: SampleRequest = { prompt: 'cond', negativePrompt: 'un', seed: 0, steps: 4, guidanceScale: 3, scheduler: 'ddim' };

/** Its "ids" are the length of the prompt, and its "hidden states" the ids. */
function encoder(): PromptEncoder {
  const tokenizer: PromptTokenizer = { maxLength: 1, ids: (text) => [text.length], encode: (text) => Int32Array.of(text.length) };
  const session = fakeSession(
    [{ name: 'input_ids', dtype: 'int32', dims: ['batch', 'tokens'] }],
    [{ name: 'hidden', dtype: 'float32', dims: ['batch', 'tokens', 1] }],
    ({ input_ids: ids }) => ({ hidden: float32(Float32Array.from(ids.data as Int32Array), [...ids.shape, 1]) }),
  );
  return new PromptEncoder(session, tokenizer, 'text_encoder/model.onnx');
}

const pipeline = {
  folder: { components: { unet: { path: 'unet/model.onnx' }, scheduler: { path: 'scheduler_config.json' } } },
  condition: async ({ prompt, negativePrompt, guidanceScale }: Texts) => ({ promptEmbeds: (await encoder().encode(guidanceScale > 1 ? [negativePrompt, prompt] : [prompt])).hidden }),
  latentShape: [1, 2, 3, 3],
  createScheduler: () => createDdim({ path: 'scheduler_config.json', values: { clip_sample: false } }),
} as unknown as LoadedPipeline;

/** Every cell of a row becomes `value(row, call)`; `seen` collects what was asked. */
function denoiser(value: (row: number, call: number) => number): Denoiser & { readonly seen: { rows: number; timestep: number; text: number[] }[] } {
  const seen: { rows: number; timestep: number; text: number[] }[] = [];
  return {
    seen,
    predict: (input, timestep, { promptEmbeds: text }) => {
      const [rows] = input.shape;
      const noise: Tensor = float32(new Float32Array(input.data.length), input.shape);
      for (let i = 0; i < noise.data.length; i++) noise.data[i] = value(Math.floor(i / 18), seen.length);
      seen.push({ rows, timestep, text: [...text.data as Float32Array] });
      return Promise.resolve({ noise, taps: { 'delta/site': noise } });
    },
  };
}

async function collect(states: AsyncIterable<StepState>): Promise<StepState[]> {
  const all: StepState[] = [];
  for await (const state of states) all.push(state);
  return all;
}

describe('the sampling loop', () => {
  it('asks for [uncond, cond] and guides from the first to the second', async () => {
    const both = denoiser((row) => row === 0 ? 0.5 : 0.25);
    const guided = await collect(sample(pipeline, both, request));
    const single = await collect(sample(pipeline, denoiser(() => 0.5 + 3 * (0.25 - 0.5)), { ...request, guidanceScale: 1 }));
    expect(both.seen.map(({ rows, text }) => [rows, ...text])).toEqual(Array.from({ length: 4 }, () => [2, 'un'.length, 'cond'.length]));
    expect(guided.map(({ latents }) => latents)).toEqual(single.map(({ latents }) => latents));
    expect(guided[0].taps['delta/site'].shape).toEqual([2, 2, 3, 3]);
  });

  it('asks for one row where guidance is 1', async () => {
    const one = denoiser(() => 0);
    await collect(sample(pipeline, one, { ...request, guidanceScale: 1 }));
    expect(one.seen.map(({ rows, timestep, text }) => [rows, timestep, ...text])).toEqual([750, 500, 250, 0].map((t) => [1, t, 'cond'.length]));
  });

  it('stops between steps when cancelled, and before the first', async () => {
    const controller = new AbortController();
    const asked = denoiser(() => 0);
    const stopped = (async () => {
      for await (const { step } of sample(pipeline, asked, { ...request, signal: controller.signal })) {
        if (step === 1) controller.abort();
      }
    })();
    await expect(stopped).rejects.toThrow(CancelledError);
    expect(asked.seen).toHaveLength(2);
    await expect(collect(sample(pipeline, asked, { ...request, signal: AbortSignal.abort() }))).rejects.toThrow(CancelledError);
    expect(asked.seen).toHaveLength(2);
  });

  it('lets timers and input have their turn between steps', async () => {
    let turns = 0;
    const tick = (): void => { turns++; immediate = setImmediate(tick); };
    let immediate = setImmediate(tick);
    await collect(sample(pipeline, denoiser(() => 0), request));
    clearImmediate(immediate);
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it.each([NaN, Infinity])('says at which step the U-Net answered with %f', async (bad) => {
    const error: unknown = await collect(sample(pipeline, denoiser((row, call) => call === 2 && row === 1 ? bad : 0), request)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).describe()).toMatch(/unet\/model\.onnx: step 2 \(timestep 250\): .*NaN or infinity\n.+/);
  });

  it('blames the scheduler where the answer was finite', async () => {
    const error: unknown = await collect(sample(pipeline, denoiser((_, call) => call === 1 ? 1e38 : 0), request)).catch((reason: unknown) => reason);
    expect((error as InputError).describe()).toMatch(/scheduler_config\.json: step 1 \(timestep 500\): the scheduler came to NaN or infinity.*\n.+/);
  });
});
