import { afterEach, describe, expect, it, vi } from 'vitest';
import { openSession } from '../../../src/onnx/session.ts';

const { platform, arch } = process;

afterEach(() => {
  vi.doUnmock('onnxruntime-node');
  for (const [key, value] of Object.entries({ platform, arch })) Object.defineProperty(process, key, { value });
});

/** What is said on a machine for which no native code was installed. */
async function refusalOn(machine: { platform: string; arch: string }): Promise<unknown> {
  vi.doMock('onnxruntime-node', () => { throw new Error("Cannot find package 'onnxruntime-node'"); });
  for (const [key, value] of Object.entries(machine)) Object.defineProperty(process, key, { value });
  return openSession({ bytes: new Uint8Array(), label: 'model' }).catch((error: unknown) => error);
}

describe('a package without native code', () => {
  it('names the one to install', async () => {
    expect(await refusalOn({ platform: 'linux', arch: 'arm64' })).toMatchObject({
      name: 'InputError', message: expect.stringContaining('(linux-arm64)') as string, remedy: expect.stringContaining('dmi-lens-<version>-linux-arm64.vsix') as string,
    });
  });

  it('says where to run on machines for which there is none', async () => {
    expect(await refusalOn({ platform: 'darwin', arch: 'x64' })).toMatchObject({ name: 'InputError', remedy: expect.stringContaining('Remote-SSH') as string });
  });
});
