import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownIdentity } from '../../../src/base/processIdentity.ts';
import { english, phrase } from '../../../src/base/phrase.ts';
import { openPipelineFolder } from '../../../src/diffusion/pipelineFolder.ts';
import { agreementOf } from '../../../src/experiment/provider/agreement.ts';
import type { ProbeAnswer, ProbeRequest } from '../../../src/experiment/provider/probe.ts';
import { probeInChild } from '../../../src/experiment/provider/probeInChild.ts';
import type { ProbeOutcome } from '../../../src/experiment/provider/probeInChild.ts';
import { ProviderDesk } from '../../../src/experiment/provider/providerDesk.ts';
import { storedChoice } from '../../../src/experiment/provider/trialStore.ts';
import { beginUse, noteEnd } from '../../../src/experiment/provider/useMark.ts';
import { loadSaeFolder } from '../../../src/sae/loadSaes.ts';
import { scenesFolder } from '../../support/scenes.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const pipeline = await openPipelineFolder(scenesFolder);
const answer = (stepMs: number, noise = 1, edited: number[] = [0]): { answer: ProbeAnswer } => ({ answer: { stepMs, placement: undefined, edited: { 'U-Net, few edits': Float32Array.from(edited) }, outputs: { 'U-Net': Float32Array.of(noise, -2), 'VAE decoder': Float32Array.of(0.5) } } });

const computes = 'webgpu computes the networks of the pipeline; judges, and the training of SAEs, stay on the CPU';

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
    tell: (what, kind) => { told.push(`${kind === 'warning' ? 'warning: ' : ''}${english(what)}`); }, ...(options.again !== undefined && { again: options.again }),
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
    expect([provider, again.tried, again.told]).toEqual(['webgpu', [], [computes]]);
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
    expect(one.told.at(-2)).toContain('warning: webgpu: 10.0 ms a step, disagrees with the CPU by 2.5e-1 in U-Net');
  });

  it('that this build does not know is refused without trying', async () => {
    const one = await desk('dml', {});
    await expect(one.desk.admit(one.request)).rejects.toMatchObject({ place: 'dml', remedy: expect.stringContaining('on Windows only') as string });
    expect(one.tried).toEqual([]);
    const none = await desk('gpu', {});
    await expect(none.desk.providerFor(none.request)).rejects.toMatchObject({ name: 'InputError', message: 'there is no provider gpu' });
  });
});

/** What a request of runs with concepts, or with edits, has beside the networks. */
const sae = (await loadSaeFolder(`${scenesFolder}/saes`))[0];

describe.runIf(process.platform === 'linux')('a trial', () => {
  it('goes through what runs will: again where concepts or edits come in, never for less', async () => {
    const one = await desk('webgpu', { cpu: answer(30), webgpu: answer(10) });
    const tried = async (request: object): Promise<number> => {
      const before = one.tried.length;
      await one.desk.admit({ ...one.request, ...request });
      return one.tried.length - before;
    };
    expect([await tried({}), await tried({}), await tried({ saes: [sae] }), await tried({ saes: [sae], editable: [sae] }), await tried({ saes: [sae] }), await tried({})]).toEqual([2, 0, 2, 2, 0, 0]);
    expect(one.tried.slice(-2)).toMatchObject([{ saes: [sae.folder], editable: [sae.folder] }, { saes: [sae.folder], editable: [sae.folder] }]);
  });

  it('of auto is made again where edits come in, and its choice may be another one', async () => {
    const one = await desk('auto', { cpu: answer(30), webgpu: answer(10) });
    expect(await one.desk.providerFor(one.request)).toBe('webgpu');
    const edits = await desk('auto', { cpu: answer(30), webgpu: answer(10, 1, [0.5]) }, { cacheFolder: one.cacheFolder });
    expect(await edits.desk.providerFor({ ...edits.request, saes: [sae], editable: [sae] })).toBe('cpu');
    expect(edits.told).toContain('webgpu: 10.0 ms a step, disagrees with the CPU by 5.0e-1 in U-Net, few edits (tolerated: 0.001)');
    expect([await edits.desk.providerFor(edits.request), edits.tried.length]).toEqual(['cpu', 3]);
  });

  it('of an edited step may differ in one number of a hundred, where rounding decides what is active, but not in more', () => {
    const cpu = { outputs: {}, edited: { a: new Float32Array(400).fill(1) } };
    const off = (count: number) => ({ outputs: {}, edited: { a: cpu.edited.a.map((value, at) => (at < count ? 2 : value)) } });
    expect([4, 5].map((count) => agreementOf(cpu, off(count), 1e-3).difference)).toEqual([0, 1]);
    expect(agreementOf(cpu, { outputs: {}, edited: { a: cpu.edited.a.map((value, at) => (at < 1 ? NaN : value)) } }, 1e-3).worst).toBeGreaterThan(1e6);
    expect(agreementOf({ outputs: cpu.edited, edited: {} }, { outputs: off(1).edited, edited: {} }, 1e-3).difference).toBe(1);
  });

  it('that cannot be compared, since the CPU fails, is said, and not kept', async () => {
    const one = await desk('webgpu', { cpu: { fault: phrase`no memory` }, webgpu: answer(10) });
    expect((await one.desk.admit(one.request)).provider).toBe('webgpu');
    expect(one.told.at(-2)).toBe('warning: webgpu computes, and nobody knows how well: the CPU, to compare it with, failed (no memory)');
    await one.desk.admit(one.request);
    expect(one.tried.length).toBe(4);
    const auto = await desk('auto', { cpu: { fault: phrase`no memory` }, webgpu: answer(10) });
    expect(await auto.desk.providerFor(auto.request)).toBe('cpu');
    expect(auto.told.at(-1)).toBe('warning: auto: the CPU computes, and others are not tried: it failed itself (no memory)');
  });
});

describe.runIf(process.platform === 'linux')('a provider that takes a process along after its trial', () => {
  /** A process that ends in the middle of a use. */
  async function endIn({ cacheFolder }: { cacheFolder: string }, crashed?: string): Promise<void> {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    await beginUse(cacheFolder, await trialKey(cacheFolder), 'webgpu', { ...await ownIdentity(), pid: child.pid ?? 0 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    if (crashed !== undefined) expect(await noteEnd(cacheFolder, child.pid ?? 0, crashed)).toBe('webgpu');
  }
  async function trialKey(folder: string): Promise<string> {
    const [file] = (await readdir(folder)).filter((name) => !name.includes('in-use'));
    return (JSON.parse(await readFile(join(folder, file), 'utf8')) as { of: string }).of;
  }

  it('is refused the next time by name, with the way to try it again', async () => {
    const one = await desk('webgpu', { cpu: answer(30), webgpu: answer(10) });
    await one.desk.admit(one.request);
    await endIn(one, 'SIGSEGV');
    for (let call = 1; call <= 2; call++) {
      await expect(one.desk.admit(one.request)).rejects.toMatchObject({
        name: 'InputError', place: 'webgpu', message: 'the provider webgpu passed its trial, but then: the process that computed with it ended with SIGSEGV', remedy: expect.stringContaining('--measure-again') as string,
      });
    }
    expect(one.tried.length).toBe(2);
    const again = await desk('webgpu', { cpu: answer(30), webgpu: answer(10) }, { again: true, cacheFolder: one.cacheFolder });
    expect((await again.desk.admit(again.request)).provider).toBe('webgpu');
    const later = await desk('webgpu', {}, { cacheFolder: one.cacheFolder });
    expect((await later.desk.admit(later.request)).provider).toBe('webgpu');
  });

  it('is left out by auto, which says so', async () => {
    const one = await desk('auto', { cpu: answer(30), webgpu: answer(10) });
    expect(await one.desk.providerFor(one.request)).toBe('webgpu');
    await endIn(one, 'SIGSEGV');
    const next = await desk('auto', {}, { cacheFolder: one.cacheFolder });
    expect(await next.desk.providerFor(next.request)).toBe('cpu');
    expect(next.told).toEqual([expect.stringMatching(/^warning: auto: webgpu is left out from now on for this model: the process that computed with it ended with SIGSEGV\. .*--measure-again/)]);
    expect((await next.desk.admit(next.request)).computed.trials).toContainEqual({ provider: 'webgpu', stepMs: null, fault: 'the process that computed with it ended with SIGSEGV', crashed: true });
    expect([await storedChoice(one.cacheFolder, await pipeline.hash()), next.tried.length]).toEqual(['cpu', 0]);
    const edits = await desk('auto', { cpu: answer(30), webgpu: answer(10) }, { cacheFolder: one.cacheFolder });
    expect(await edits.desk.providerFor({ ...edits.request, saes: [sae], editable: [sae] })).toBe('cpu');
    const again = await desk('auto', { cpu: answer(30), webgpu: answer(10) }, { again: true, cacheFolder: one.cacheFolder });
    expect(await again.desk.providerFor(again.request)).toBe('webgpu');
  });

  it('or a process that was killed, nobody knows which, is tried anew, and refused the second time; not where a use came to its end in between', async () => {
    const one = await desk('webgpu', { cpu: answer(30), webgpu: answer(10) });
    await one.desk.admit(one.request);
    await endIn(one);
    await one.desk.admit(one.request);
    expect([one.tried.length, one.told.at(-4)]).toEqual([4, 'the last process that computed this model with webgpu did not come to its end, crashed or killed: it is tried anew']);
    await one.desk.using(one.request, 'webgpu', () => Promise.resolve());
    await endIn(one);
    await one.desk.admit(one.request);
    await endIn(one);
    await expect(one.desk.admit(one.request)).rejects.toMatchObject({ message: expect.stringContaining('two processes in a row') as string });
  });

  it('is not at fault where its parent killed the process, and a use that goes on is no ended one', async () => {
    const one = await desk('webgpu', { cpu: answer(30), webgpu: answer(10) });
    await one.desk.admit(one.request);
    await one.desk.using(one.request, 'webgpu', async () => {
      await one.desk.admit(one.request);
      expect(await noteEnd(one.cacheFolder, process.pid, undefined)).toBe('webgpu');
      await one.desk.admit(one.request);
    });
    expect([one.tried.length, await noteEnd(one.cacheFolder, process.pid, 'SIGSEGV')]).toEqual([2, undefined]);
  });
});

it.runIf(process.platform === 'linux')('where nothing can be written, a provider is tried and computes all the same', async () => {
  const file = join(await temporaryFolder(), 'a file');
  await writeFile(file, '');
  const one = await desk('webgpu', { cpu: answer(30), webgpu: answer(10) }, { cacheFolder: join(file, 'cache') });
  const { provider } = await one.desk.admit(one.request);
  expect(await one.desk.using(one.request, provider, () => Promise.resolve('done'))).toBe('done');
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
