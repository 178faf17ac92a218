import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { english } from '../../src/base/phrase.ts';
import type { EngineSettings, Job, JobState } from '../../src/engine/job.ts';
import type { StepMessage } from '../../src/engine/protocol.ts';
import { previewName } from '../../src/experiment/previewName.ts';
import { readTrace } from '../../src/experiment/traceFile.ts';
import { ended, engineModule, engineQueue, sceneSpec, stateOf, stepOf } from '../support/engine.ts';
import { isRunning } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const queues: ReturnType<typeof engineQueue>[] = [];
const pids = new Set<number>();

/** A queue that is gone after the test; every engine it started must be gone then, too. */
function startQueue(settings: Partial<EngineSettings> = {}, graceMs?: number): ReturnType<typeof engineQueue> {
  const queue = engineQueue(settings, graceMs);
  queue.onDidChange(() => { if (queue.enginePid !== undefined) pids.add(queue.enginePid); });
  queues.push(queue);
  return queue;
}

afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.dispose()));
  const left = [...pids].filter(isRunning);
  for (const pid of left) process.kill(pid, 'SIGKILL');
  pids.clear();
  expect(left).toEqual([]);
});

/** What stands in the store beside a spec. */
async function stored(folder: string): Promise<string[]> {
  return readdir(join(folder, '.dmi/runs')).catch(() => []);
}

function cachedOf(job: Job): boolean[] | undefined {
  return job.state.kind === 'done' ? job.state.answer.runs.map(({ cached }) => cached) : undefined;
}

describe('a job', () => {
  it('leaves nothing outside the folder of the spec but what is ours: ONNX Runtime collects no telemetry', async () => {
    const folder = await temporaryFolder();
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    vi.stubEnv('HOME', join(folder, 'home'));
    vi.stubEnv('ORT_DISABLE_TELEMETRY', undefined);
    const job = startQueue().start(join(folder, 'a.dmi.json'), sceneSpec({ seeds: [0], steps: 1 }));
    expect((await stateOf(job)).kind).toBe('done');
    vi.unstubAllEnvs();
    expect((await readdir(folder)).filter((name) => !['.dmi', 'cache'].includes(name))).toEqual([]);
    expect(await readdir(join(folder, 'cache')).catch(() => [])).not.toContain('Microsoft');
  });

  it('tells its plan, every step and its answer; what it streams is what it stores', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    const job = queue.start(join(folder, 'a.dmi.json'), sceneSpec({ trace: { steps: [1, 3], branch: 'cond' } }));
    expect(job.state).toEqual({ kind: 'queued' });
    const steps: StepMessage[] = [];
    const kinds = new Set<string>();
    job.onDidStep((step) => { steps.push(step); });
    job.onDidChange(() => { kinds.add(job.state.kind); });
    await stateOf(job, () => job.plan !== undefined);
    expect(job.plan).toMatchObject({ modelName: 'scenes', totalSteps: 4, steps: [1, 3] });
    expect(job.plan?.runs.map(({ seed, cached }) => [seed, cached])).toEqual([[0, false], [1, false]]);

    const state = await stateOf(job);
    if (state.kind !== 'done') throw new Error(JSON.stringify(state));
    expect([...kinds]).toEqual(['starting', 'running', 'done']);
    expect(state.answer.runs.map(({ seed, cached }) => [seed, cached])).toEqual([[0, false], [1, false]]);
    expect(job.plan?.runs.map(({ cached }) => cached)).toEqual([true, true]);
    expect(job.received).toEqual([]);
    expect(steps.map(({ seed, step, done, total }) => [seed, step, done, total])).toEqual(
      [[0, 0, 1], [0, 1, 2], [0, 2, 3], [0, 3, 4], [1, 0, 5], [1, 1, 6], [1, 2, 7], [1, 3, 8]].map((row) => [...row, 8]));
    expect(steps.map(({ secondsLeft }) => secondsLeft === null), 'told from the first step on').toEqual(Array<boolean>(8).fill(false));
    expect(steps.at(-1)?.secondsLeft).toBe(0);

    for (const { seed, folder: run } of state.answer.runs) {
      const trace = await readTrace(join(run, 'trace.safetensors'));
      expect(Array.from(trace.timesteps, (timestep) => timestep / 1000)).toEqual(job.plan?.t);
      expect(trace.sites.map(({ site }) => site).sort()).toEqual(Object.keys(job.plan?.saes ?? {}).sort());
      for (const { step, preview, codes } of steps.filter((message) => message.seed === seed)) {
        const row = trace.steps.indexOf(step);
        if (row < 0) {
          expect([preview, codes]).toEqual([undefined, []]);
          continue;
        }
        if (preview === undefined) throw new Error(`no preview of step ${step}`);
        expect(preview.constructor).toBe(Uint8Array);
        expect(decode(preview)).toMatchObject({ width: 128, height: 128, channels: 3 });
        expect(Buffer.compare(preview, await readFile(join(run, previewName(step))))).toBe(0);
        expect(codes).toHaveLength(trace.sites.length);
        for (const [index, { indices, values, ...rest }] of codes.entries()) {
          const { indices: allIndices, values: allValues, ...whole } = trace.sites[index];
          const length = rest.height * rest.width * rest.k;
          expect(rest).toEqual({ ...whole, steps: [step] });
          expect(indices).toEqual(allIndices.slice(row * length, (row + 1) * length));
          expect(values).toEqual(allValues.slice(row * length, (row + 1) * length));
          expect([indices, values].map(({ byteLength, buffer }) => buffer.byteLength - byteLength)).toEqual([0, 0]);
        }
      }
    }
  });

  it('is answered from the store by the warm process, and its report is written there', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    const file = join(folder, 'a.dmi.json');
    const text = sceneSpec({ seeds: [3] });
    await expect(queue.report(file, text, 'en')).rejects.toMatchObject({ fault: { message: expect.stringContaining('seed 3') as string, file } });
    const first = queue.start(file, text);
    await stateOf(first);
    const { enginePid } = queue;
    const again = queue.start(file, text);
    const steps: StepMessage[] = [];
    again.onDidStep((step) => { steps.push(step); });
    await stateOf(again);
    expect([cachedOf(first), cachedOf(again)]).toEqual([[false], [true]]);
    expect(steps).toEqual([]);
    expect(again.plan?.runs.map(({ cached }) => cached)).toEqual([true]);
    expect(queue.enginePid).toBe(enginePid);
    expect(queue.jobs).toEqual([again]);
    const report = await queue.report(file, text, 'ja');
    expect(report).toBe(join(folder, '.dmi/reports/a/report.html'));
    expect(await readFile(report, 'utf8')).toContain('lang="ja"');
  });

  it('that cannot be carried out says why and what to do, and leaves the engine as it is', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    const file = join(folder, 'a.dmi.json');
    const wrong = queue.start(file, sceneSpec().replace('builtin:scenes', 'nowhere'));
    expect(await stateOf(wrong)).toMatchObject({ kind: 'failed', fault: { file, place: expect.stringContaining('$.model') as string, message: expect.stringContaining('no such file') as string } });
    const { enginePid } = queue;
    expect(await stateOf(queue.start(file, '{'))).toMatchObject({ kind: 'failed', fault: { file, remedy: expect.stringMatching(/./) as string } });
    expect(queue.enginePid).toBe(enginePid);
  });

  it('names the providers there are when another one is asked for', async () => {
    const folder = await temporaryFolder();
    const job = startQueue({ provider: 'abacus' }).start(join(folder, 'a.dmi.json'), sceneSpec({ seeds: [0], steps: 1 }));
    expect(await stateOf(job)).toMatchObject({ kind: 'failed', fault: { message: expect.stringContaining('abacus') as string, remedy: expect.stringContaining('cpu') as string } });
  });

  it('removes the oldest runs beyond the limit of the cache, and none of its own', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue({ cacheLimitMb: 0.01 });
    const older = queue.start(join(folder, 'a.dmi.json'), sceneSpec({ seeds: [0], steps: 1 }));
    await stateOf(older);
    const job = queue.start(join(folder, 'b.dmi.json'), sceneSpec({ seeds: [1, 2], steps: 1 }));
    const state = await stateOf(job);
    if (state.kind !== 'done') throw new Error(JSON.stringify(state));
    expect((await stored(folder)).map((name) => join(folder, '.dmi/runs', name)).sort()).toEqual(state.answer.runs.map((run) => run.folder).sort());
  });
});

describe('the queue', () => {
  it('carries jobs out in the order they came, without those cancelled in the meantime', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => queue.start(join(folder, `${name}.dmi.json`), sceneSpec({ seeds: [0], steps: 2 })));
    const order: string[] = [];
    queue.onDidChange((job) => { if (['starting', 'done', 'cancelled'].includes(job.state.kind)) order.push(`${job.file.slice(-10, -9)} ${job.state.kind}`); });
    await stateOf(a, ({ kind }) => kind === 'starting');
    expect([b.state.kind, c.state.kind]).toEqual(['queued', 'queued']);
    b.cancel();
    await stateOf(c);
    expect([...new Set(order)]).toEqual(['a starting', 'b cancelled', 'a done', 'c starting', 'c done']);
    expect([cachedOf(a), cachedOf(c)]).toEqual([[false], [true]]);
    expect(queue.jobs).toEqual([a, b, c]);
  });

  it('gives the same job for the same text, and replaces one whose text has changed', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    const file = join(folder, 'a.dmi.json');
    const long = queue.start(file, sceneSpec({ seeds: [0], steps: 200 }));
    expect(queue.start(file, long.text)).toBe(long);
    await stepOf(long);
    const short = queue.start(file, sceneSpec({ seeds: [0], steps: 1 }));
    expect(short).not.toBe(long);
    expect(queue.jobs).toEqual([short]);
    expect(queue.jobOf(file)).toBe(short);
    await stateOf(short);
    expect([long.state.kind, short.state.kind]).toEqual(['cancelled', 'done']);
    expect(await stored(folder)).toHaveLength(1);
  });

  it('is not disturbed by what listeners throw, and logs it', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    queue.onDidChange(() => { throw new Error('a listener of the queue'); });
    const job = queue.start(join(folder, 'a.dmi.json'), sceneSpec({ seeds: [0], steps: 1 }));
    job.onDidStep(() => { throw new Error('a listener of steps'); });
    expect((await stateOf(job)).kind).toBe('done');
    expect(queue.lines.join('\n')).toMatch(/a listener of the queue[^]*a listener of steps/);
  });
});

describe('a cancelled job', () => {
  it('stops within a step, leaves nothing half written, and the process warm', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    const job = queue.start(join(folder, 'a.dmi.json'), sceneSpec({ seeds: [0], steps: 500 }));
    await stepOf(job, ({ step }) => step === 2);
    const { enginePid } = queue;
    const now = Date.now();
    job.cancel();
    expect(job.state.kind).toBe('cancelling');
    expect((await stateOf(job)).kind).toBe('cancelled');
    expect(job.received.filter(({ at }) => at > now).length).toBeLessThanOrEqual(2); // the one in the making, and one more where the word came in its last moment
    expect(await stored(folder)).toEqual([]);
    expect((await stateOf(queue.start(join(folder, 'b.dmi.json'), sceneSpec({ seeds: [0], steps: 1 })))).kind).toBe('done');
    expect(queue.enginePid).toBe(enginePid);
  });

  it('is ended by force when the engine does not answer', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue({}, 50);
    const job = queue.start(join(folder, 'a.dmi.json'), sceneSpec({ seeds: [0], steps: 500 }));
    await stepOf(job);
    const { enginePid = 0 } = queue;
    process.kill(enginePid, 'SIGSTOP');
    job.cancel();
    expect((await stateOf(job)).kind).toBe('cancelled');
    expect(isRunning(enginePid)).toBe(false);
    expect((await stateOf(queue.start(join(folder, 'b.dmi.json'), sceneSpec({ seeds: [0], steps: 1 })))).kind).toBe('done');
    expect(queue.enginePid).not.toBe(enginePid);
    expect((await stored(folder)).filter((name) => name.startsWith('.partial-'))).toEqual([]);
  });
});

describe('before the first step, at whatever an engine says it is', () => {
  it('a job can be cancelled, and an engine killed: nothing half written, and the next job runs', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    const text = sceneSpec({ seeds: [0], steps: 3 });
    const file = join(folder, 'a.dmi.json');
    const at = async (phase: string | undefined, act: (job: Job) => void): Promise<JobState> => {
      const job = queue.start(file, text);
      const subscription = job.onDidChange(() => {
        if (job.state.kind !== 'starting' || (job.state.what && english(job.state.what)) !== phase) return;
        subscription.dispose();
        act(job);
      });
      return stateOf(job);
    };
    for (const phase of ['checking the files of the model', 'loading the U-Net', 'first step: reads the weights']) {
      expect(await at(phase, (job) => { job.cancel(); }), phase).toEqual({ kind: 'cancelled' });
      await queue.restart(); // all that loads is loaded again
      expect(await at(phase, () => { process.kill(queue.enginePid ?? 0, 'SIGKILL'); }), phase).toMatchObject({ kind: 'failed', fault: { message: expect.stringContaining('killed from outside') as string } });
      expect((await stored(folder)).filter((name) => !name.startsWith('.'))).toEqual([]);
    }
    expect((await stateOf(queue.start(file, text))).kind).toBe('done');
    expect(await stored(folder)).toHaveLength(1);
  }, 300_000);
});

describe('an engine that dies', () => {
  it('costs its job one run: what was finished stays, and the next job has a new engine', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    const file = join(folder, 'a.dmi.json');
    const job = queue.start(file, sceneSpec());
    await stepOf(job, ({ seed }) => seed === 1);
    const { enginePid = 0 } = queue;
    process.kill(enginePid, 'SIGKILL');
    expect(await stateOf(job)).toMatchObject({ kind: 'failed', fault: { message: expect.stringContaining('was killed') as string, remedy: expect.stringContaining('a smaller model') as string } });
    expect(queue.enginePid).toBeUndefined();
    expect(job.plan?.runs.map(({ cached }) => cached)).toEqual([true, false]);
    const again = queue.start(file, sceneSpec());
    await stateOf(again);
    expect(cachedOf(again)).toEqual([true, false]);
    expect(queue.enginePid).not.toBe(enginePid);
    expect(await stored(folder)).toHaveLength(2);
  });

  it('of a fault in native code says so', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    const job = queue.start(join(folder, 'a.dmi.json'), sceneSpec({ seeds: [0], steps: 500 }));
    await stepOf(job);
    process.kill(queue.enginePid ?? 0, 'SIGSEGV');
    expect(await stateOf(job)).toMatchObject({ kind: 'failed', fault: { message: 'The engine process crashed in native code (SIGSEGV)' } });
  });

  it('of a full heap says so', async () => {
    const folder = await temporaryFolder();
    const fill = 'const kept = []; process.once("message", () => { for (;;) kept.push(new Array(1000).fill(0).map(() => ({}))); })';
    const queue = startQueue({ nodePath: await nodeWith(folder, `--max-old-space-size=40 --import 'data:text/javascript,${fill}'`) });
    expect(await stateOf(queue.start(join(folder, 'a.dmi.json'), sceneSpec()))).toMatchObject({ kind: 'failed', fault: { message: 'The engine process ran out of memory' } });
  });

  it('of an error of its own names it', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue({ nodePath: await nodeWith(folder, `--import 'data:text/javascript,throw new TypeError("on its way")'`) });
    expect(await stateOf(queue.start(join(folder, 'a.dmi.json'), sceneSpec()))).toMatchObject({ kind: 'failed', fault: { message: 'The engine process ended unexpectedly (TypeError: on its way)' } });
    expect(queue.lines.join('\n')).toContain('on its way');
  });

  it('because it holds too much says how much it may', async () => {
    const folder = await temporaryFolder();
    const job = startQueue({ memoryLimitMb: 20 }).start(join(folder, 'a.dmi.json'), sceneSpec());
    expect(await stateOf(job)).toMatchObject({ kind: 'failed', fault: { message: expect.stringMatching(/held \d+ MB of memory, more than the 20 MB it may/) as string } });
  });

  it('before it lives: a Node that is none', async () => {
    const folder = await temporaryFolder();
    const job = startQueue({ nodePath: join(folder, 'no-node') }).start(join(folder, 'a.dmi.json'), sceneSpec());
    expect(await stateOf(job)).toMatchObject({ kind: 'failed', fault: { message: expect.stringContaining('could not be started') as string, remedy: expect.stringContaining('nodePath') as string } });
  });
});

describe('the end of the process', () => {
  it('comes when it has been idle for long enough, and the next job starts another one', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue({ idleMinutes: 0.1 / 60 });
    const file = join(folder, 'a.dmi.json');
    await stateOf(queue.start(file, sceneSpec({ seeds: [0], steps: 1 })));
    const { enginePid = 0 } = queue;
    await vi.waitFor(() => { expect(queue.enginePid).toBeUndefined(); }, { timeout: 20_000 });
    expect(isRunning(enginePid)).toBe(false);
    const again = queue.start(file, sceneSpec({ seeds: [0], steps: 1 }));
    await stateOf(again);
    expect(cachedOf(again)).toEqual([true]);
  });

  it('comes with restart(), and so does that of every job', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    const [running, waiting] = ['a', 'b'].map((name) => queue.start(join(folder, `${name}.dmi.json`), sceneSpec({ seeds: [0], steps: 500 })));
    await stepOf(running);
    const { enginePid = 0 } = queue;
    await queue.restart();
    expect(isRunning(enginePid)).toBe(false);
    await Promise.all([running, waiting].map((job) => stateOf(job)));
    expect([running, waiting].map(({ state }) => state.kind)).toEqual(['cancelled', 'cancelled']);
    expect((await stateOf(queue.start(waiting.file, sceneSpec({ seeds: [0], steps: 1 })))).kind).toBe('done');
  });

  it('comes with dispose() in the middle of a run, which leaves nothing half written', async () => {
    const folder = await temporaryFolder();
    const queue = startQueue();
    const job = queue.start(join(folder, 'a.dmi.json'), sceneSpec({ seeds: [0], steps: 500 }));
    await stepOf(job);
    const { enginePid = 0 } = queue;
    await queue.dispose();
    expect(isRunning(enginePid)).toBe(false);
    expect(job.state.kind).toBe('cancelled');
    expect(await stored(folder)).toEqual([]);
    expect(() => queue.start(job.file, job.text)).toThrow('disposed');
  });
});

describe('a window that is killed', () => {
  it('takes its engine with it, in the middle of a run, and leaves nothing half written', async () => {
    const folder = await temporaryFolder();
    const { parent, engine } = await orphanage(folder, [], { job: '1', file: join(folder, 'a.dmi.json'), text: sceneSpec({ seeds: [0], steps: 500 }) });
    parent.kill('SIGKILL');
    await vi.waitFor(() => { expect(isRunning(engine)).toBe(false); }, { timeout: 20_000 });
    expect(await stored(folder)).toEqual([]);
  });

  it('takes along an engine whose thread never comes back', async () => {
    const folder = await temporaryFolder();
    // Once the engine is set up, which its ear for the end of the channel tells.
    const blocked = 'setInterval(() => { if (process.listenerCount("disconnect") === 0) return; process.send({ method: "stepped" }); for (;;); }, 10)';
    const { parent, engine } = await orphanage(folder, ['--import', `data:text/javascript,${blocked}`], {});
    parent.kill('SIGKILL');
    await vi.waitFor(() => { expect(isRunning(engine)).toBe(false); }, { timeout: 20_000 });
  });
});

/** A process that forks an engine and asks for a run; both are there, and the run is at its first step, when this returns. */
async function orphanage(folder: string, execArgv: string[], params: object): Promise<{ parent: ChildProcess; engine: number }> {
  const script = join(folder, 'parent.mjs');
  await writeFile(script, `
    import { fork } from 'node:child_process';
    const engine = fork(${JSON.stringify(engineModule)}, [], { execArgv: ${JSON.stringify(execArgv)}, serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    engine.on('message', ({ method }) => { if (method === 'stepped') console.log(engine.pid); });
    engine.send({ jsonrpc: '2.0', id: 0, method: 'run', params: ${JSON.stringify(params)} });
  `);
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = await once(parent.stdout.setEncoding('utf8'), 'data') as [string];
  pids.add(Number.parseInt(pid));
  return { parent, engine: Number.parseInt(pid) };
}

describe('two engines on one store', () => {
  it('finish the same runs, and one copy of each stays', async () => {
    const folder = await temporaryFolder();
    const jobs = [startQueue(), startQueue()].map((queue) => queue.start(join(folder, 'a.dmi.json'), sceneSpec({ steps: 3 })));
    const states = await Promise.all(jobs.map((job) => stateOf(job, ended)));
    expect(states.map(({ kind }) => kind)).toEqual(['done', 'done']);
    const names = await stored(folder);
    expect(names).toHaveLength(2);
    for (const name of names) expect((await stat(join(folder, '.dmi/runs', name, 'run.json'))).size).toBeGreaterThan(0);
  });
});

/** A Node that starts with more flags. */
async function nodeWith(folder: string, flags: string): Promise<string> {
  const path = join(folder, 'node');
  await writeFile(path, `#!/bin/sh\nexec ${process.execPath} ${flags} "$@"\n`, { mode: 0o755 });
  return path;
}
