import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { english, phrase } from '../../../src/base/phrase.ts';
import { openPipelineFolder } from '../../../src/diffusion/pipelineFolder.ts';
import type { ProbeAnswer, ProbeRequest } from '../../../src/experiment/provider/probe.ts';
import { probeInChild } from '../../../src/experiment/provider/probeInChild.ts';
import type { ProbeOutcome } from '../../../src/experiment/provider/probeInChild.ts';
import { ProviderDesk } from '../../../src/experiment/provider/providerDesk.ts';
import { storedChoice } from '../../../src/experiment/provider/trialStore.ts';
import { scenesFolder } from '../../support/scenes.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const pipeline = await openPipelineFolder(scenesFolder);
const answer = (stepMs: number, noise = 1): { answer: ProbeAnswer } => ({ answer: { stepMs, placement: undefined, edited: {}, outputs: { 'U-Net': Float32Array.of(noise, -2), 'VAE decoder': Float32Array.of(0.5) } } });

/** A desk whose providers answer as they are told. This build of ONNX Runtime knows cpu, webgpu and cuda (Linux). */
async function desk(provider: string, outcomes: Readonly<Record<string, ProbeOutcome>>, options: { again?: boolean; cacheFolder?: string } = {}) {
  const tried: ProbeRequest[] = [];
  const told: string[] = [];
  const cacheFolder = options.cacheFolder ?? await temporaryFolder();
  const made = new ProviderDesk({ provider, threads: 2 }, {
    prober: (request) => {
      tried.push(request);
      return Promise.resolve(outcomes[request.machine.provider ?? ''] ?? { fault: phrase`not here` });
    },
    tell: (what) => { told.push(english(what)); }, ...(options.again !== undefined && { again: options.again }),
  });
  return { desk: made, request: { pipeline, saes: [], branch: 'cond' as const, cacheFolder }, tried, told, cacheFolder };
}

describe.runIf(process.platform === 'linux')('auto', () => {
  it('takes the fastest that agrees with the CPU, says so, and keeps it', async () => {
    const one = await desk('auto', { cpu: answer(30), webgpu: answer(10), cuda: { fault: phrase`no library` } });
    expect(await one.desk.providerFor(one.request)).toBe('webgpu');
    expect(one.tried.map(({ machine }) => machine)).toEqual(['cpu', 'webgpu', 'cuda'].map((provider) => ({ provider, threads: 2 })));
    expect(one.told).toEqual([
      'auto: measuring cpu, webgpu, cuda with 3 steps each; this is done once for a model',
      'cpu: 30.0 ms a step', 'webgpu: 10.0 ms a step, agrees with the CPU within 0.0e+0 (tolerated: 0.001)', 'cuda: cannot be used: no library', 'auto: webgpu computes',
    ]);
    const again = await desk('auto', {}, { cacheFolder: one.cacheFolder });
    const { provider, computed } = await again.desk.admit(again.request);
    expect([provider, again.tried, again.told]).toEqual(['webgpu', [], []]);
    expect(computed).toMatchObject({ asked: 'auto', networks: { unet: 'webgpu' }, onnxRuntime: expect.stringMatching(/^\d+\./) as string, trials: [{ provider: 'cpu' }, { provider: 'webgpu' }, { fault: 'no library' }] });
    expect(await storedChoice(one.cacheFolder, await pipeline.hash())).toBe('webgpu');
  });

  it.each([
    ['is wrong', answer(1, 1.003)], ['gives NaN', answer(1, NaN)], ['is slower', answer(31)], ['crashed', { fault: phrase`SIGSEGV` }],
  ])('stays with the CPU where another one %s', async (_, webgpu) => {
    const one = await desk('auto', { cpu: answer(30), webgpu });
    expect(await one.desk.providerFor(one.request)).toBe('cpu');
  });

  it('measures again on request, and where the file is damaged', async () => {
    const one = await desk('auto', { cpu: answer(30), webgpu: answer(10) });
    await one.desk.providerFor(one.request);
    const again = await desk('auto', { cpu: answer(30), webgpu: answer(40) }, { again: true, cacheFolder: one.cacheFolder });
    expect([await again.desk.providerFor(again.request), await again.desk.providerFor(again.request), again.tried.length]).toEqual(['cpu', 'cpu', 3]);
    const [file] = await readdir(one.cacheFolder);
    await writeFile(join(one.cacheFolder, file), '{ "format": 1');
    const third = await desk('auto', { cpu: answer(30), webgpu: answer(10) }, { cacheFolder: one.cacheFolder });
    expect(await third.desk.providerFor(third.request)).toBe('webgpu');
    expect(JSON.parse(await readFile(join(one.cacheFolder, file), 'utf8'))).toMatchObject({ format: 1, choice: 'webgpu' });
  });
});

describe.runIf(process.platform === 'linux')('a provider asked for by name', () => {
  it('is tried once before a model is loaded on it', async () => {
    const one = await desk('webgpu', { cpu: answer(30), webgpu: answer(10) });
    expect([await one.desk.providerFor(one.request), one.tried]).toEqual(['webgpu', []]);
    expect(await one.desk.admit(one.request)).toMatchObject({ provider: 'webgpu', threads: 2, computed: { asked: 'webgpu', trials: [{ provider: 'webgpu', agreement: { worst: 0 } }] } });
    await one.desk.admit(one.request);
    expect(one.tried.length).toBe(2);
  });

  it('is refused where it fails, with what it needs, and tried anew the next time', async () => {
    const one = await desk('cuda', { cpu: answer(30), cuda: { fault: phrase`no library`, remedy: phrase`Install it.` } });
    for (let call = 1; call <= 2; call++) {
      await expect(one.desk.admit(one.request)).rejects.toMatchObject({ name: 'InputError', place: 'cuda', message: 'no library', remedy: 'Install it.' });
      expect(one.tried.length).toBe(call);
    }
  });

  it('that crashes or hangs when it is tried is refused, and the engine goes on', async () => {
    const one = await desk('webgpu', { cpu: answer(30), webgpu: { fault: phrase`no answer within ${120} s` } });
    await expect(one.desk.admit(one.request)).rejects.toMatchObject({ message: 'the provider webgpu failed when it was tried: no answer within 120 s', remedy: expect.stringContaining('auto') as string });
  });

  it('that disagrees with the CPU computes, but not in silence', async () => {
    const one = await desk('webgpu', { cpu: answer(30), webgpu: answer(10, 1.5) });
    const { computed } = await one.desk.admit(one.request);
    expect(computed.trials?.[0].agreement).toMatchObject({ of: 'U-Net', difference: 0.25, tolerance: 1e-3, worst: 250 });
    expect(one.told.at(-1)).toContain('disagrees with the CPU by 2.5e-1 in U-Net');
  });

  it('that this build does not know is refused without trying', async () => {
    const one = await desk('dml', {});
    await expect(one.desk.admit(one.request)).rejects.toMatchObject({ place: 'dml', remedy: expect.stringContaining('on Windows only') as string });
    expect(one.tried).toEqual([]);
    const none = await desk('gpu', {});
    await expect(none.desk.providerFor(none.request)).rejects.toMatchObject({ name: 'InputError', message: 'there is no provider gpu' });
  });
});

it('the CPU is never tried', async () => {
  const one = await desk('cpu', {});
  expect(await one.desk.admit(one.request)).toMatchObject({ provider: 'cpu', computed: { asked: 'cpu', networks: { unet: 'cpu', textEncoder: 'cpu', vaeDecoder: 'cpu' }, device: expect.any(String) as string } });
  expect(one.tried).toEqual([]);
});

describe('a process in which a provider is tried', () => {
  const request: ProbeRequest = { model: scenesFolder, saes: [], editable: [], branch: 'cond', machine: { provider: 'webgpu' }, rounds: 0, patienceMs: Infinity };
  const outcomeOf = async (script: string, limits: { seconds?: number; signal?: AbortSignal } = {}): Promise<ProbeOutcome> => {
    const module = join(await temporaryFolder(), 'probe.mjs');
    await writeFile(module, script);
    return probeInChild(module)(request, { seconds: 30, signal: new AbortController().signal, ...limits });
  };
  const why = (outcome: ProbeOutcome): string => ('fault' in outcome ? english(outcome.fault) : 'answered');

  it.runIf(process.platform !== 'win32')('may crash in native code', async () => {
    expect(why(await outcomeOf('process.stderr.write("the driver says no\\n"); process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000);')))
      .toMatch(/^the process that tried it ended with SIGSEGV/);
  });

  it('may end with an error', async () => {
    expect(why(await outcomeOf('console.error("why"); process.exit(3);'))).toBe('the process that tried it ended with code 3: why');
  });

  it('may hang, where it is ended', async () => {
    expect(why(await outcomeOf('process.on("message", () => { for (;;); });', { seconds: 1 }))).toBe('no answer within 1 s');
  });

  it('ends with what asked for it', async () => {
    const controller = new AbortController();
    const trial = outcomeOf('process.on("message", () => { for (;;); });', { signal: controller.signal });
    setTimeout(() => { controller.abort(); }, 500);
    await expect(trial).rejects.toMatchObject({ name: 'CancelledError' });
  });

  it('hands its answer on', async () => {
    expect(await outcomeOf('process.on("message", (request) => { process.send({ answer: { outputs: { a: Float32Array.of(1, 2) }, stepMs: 3, placement: undefined, request } }); });'))
      .toMatchObject({ answer: { outputs: { a: Float32Array.of(1, 2) }, stepMs: 3, request } });
  });
});
