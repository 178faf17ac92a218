import { afterEach, describe, expect, it, vi } from 'vitest';
import { providers, readProvider } from '../../../src/onnx/provider.ts';
import { openSession } from '../../../src/onnx/session.ts';

afterEach(() => { vi.doUnmock('onnxruntime-node'); });

/** A build of ONNX Runtime that knows every provider, and notes what sessions are asked for. */
function fakeRuntime(create: (options: { executionProviders: unknown[] }) => void, run: () => void = () => undefined) {
  vi.doMock('onnxruntime-node', () => ({
    env: { versions: { common: '0', node: '0' } },
    listSupportedBackends: () => providers.map((name) => ({ name, bundled: true })),
    Tensor: Object,
    InferenceSession: {
      create: (_: unknown, options: { executionProviders: unknown[] }) => {
        create(options);
        return Promise.resolve({ inputMetadata: [], outputMetadata: [], run: () => { run(); return Promise.resolve({}); }, release: () => Promise.resolve() });
      },
    },
  }));
}

describe('a session', () => {
  it.each(providers)('is made with the provider that was asked for: %s', async (provider) => {
    const asked: unknown[] = [];
    fakeRuntime(({ executionProviders }) => { asked.push(executionProviders); });
    await openSession({ bytes: new Uint8Array() }, { provider });
    expect(asked, 'and with no other in its place').toEqual([[provider]]);
  });

  it('says which provider failed, why, and what it needs', async () => {
    fakeRuntime(() => { throw new Error('OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library'); });
    await expect(openSession({ bytes: new Uint8Array() }, { provider: 'cuda' })).rejects.toMatchObject({
      name: 'InputError', place: 'cuda', message: 'ONNX Runtime cannot use the provider cuda: OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
      remedy: expect.stringContaining('NVIDIA driver') as string,
    });
  });

  it('says so where a provider fails in the middle of its work', async () => {
    fakeRuntime(() => undefined, () => { throw new Error('Non-zero status code returned while running Cast node. Name:\'\' Status Message: shader_helper.cc:416 GenerateSourceCode Program Cast requires f16 but the device does not support it.'); });
    const session = await openSession({ bytes: new Uint8Array(), label: 'unet.onnx' }, { provider: 'webgpu' });
    await expect(session.run({})).rejects.toMatchObject({ name: 'InputError', file: 'unet.onnx', place: 'webgpu', remedy: expect.stringContaining('float32') as string });
  });
});

describe('supported: providers', () => {
  it('CPU: the measure of all others; used where nothing is asked', async () => {
    const asked: unknown[] = [];
    fakeRuntime(({ executionProviders }) => { asked.push(executionProviders); });
    await openSession({ bytes: new Uint8Array() });
    expect(asked).toEqual([['cpu']]);
  });

  it('CUDA, Core ML, DirectML: asked of ONNX Runtime, refused with the reason where they are not there; never run on such a device by these tests', async () => {
    for (const provider of ['cuda', 'coreml', 'dml'] as const) {
      fakeRuntime(({ executionProviders }) => { throw new Error(`${String(executionProviders)} is not there`); });
      await expect(openSession({ bytes: new Uint8Array() }, { provider })).rejects.toMatchObject({ place: provider, message: expect.stringContaining(`${provider} is not there`) as string });
    }
  });
});

describe('the real ONNX Runtime, where a provider is not there', () => {
  it.each(process.platform === 'linux' ? ['cuda', 'coreml', 'dml'] as const : [])('says what to do: %s', async (provider) => {
    await expect(openSession({ bytes: new Uint8Array() }, { provider })).rejects.toMatchObject({
      name: 'InputError', place: provider, remedy: expect.stringMatching({ cuda: /NVIDIA driver/, coreml: /on macOS only/, dml: /on Windows only/ }[provider]) as string,
    });
  });
});

it('knows providers by name', () => {
  expect(readProvider('auto')).toBe('auto');
  expect(() => readProvider('gpu')).toThrow(expect.objectContaining({ name: 'InputError', remedy: 'Choose one of: auto, cpu, webgpu, cuda, coreml, dml.' }) as Error);
});
