import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { executeRuns } from '../../src/experiment/executeRuns.ts';
import { prefixTree } from '../../src/experiment/prefixTree.ts';
import { checkRunFolder } from '../../src/experiment/readRunFolder.ts';
import { countingModels, sweepOf, sweepPlan } from '../support/sweeps.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bundle = join(root, 'out/test/sweepChild.mjs');

beforeAll(async () => {
  await build({
    entryPoints: [join(root, 'test/support/sweepChild.ts')], outfile: bundle, bundle: true, platform: 'node', format: 'esm', target: 'node20', mainFields: ['module', 'main'],
    external: ['onnxruntime-node'], logLevel: 'error',
  });
});

/** A process that works at a sweep. */
function work(folder: string, { seeds = [0, 1], pause = 0 }: { seeds?: readonly number[]; pause?: number } = {}): { child: ChildProcess; lines: string[]; line: (wanted: (line: string) => boolean) => Promise<void>; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [bundle, folder, seeds.join(), String(pause)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const waiting = new Set<{ wanted: (line: string) => boolean; resolve: () => void }>();
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    for (const one of waiting) if (one.wanted(line)) one.resolve();
  });
  return {
    child, lines,
    line: (wanted) => new Promise((resolve) => { waiting.add({ wanted, resolve }); }),
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}

const callsOf = (lines: readonly string[]): number => Number(lines.find((line) => line.startsWith('calls '))?.slice(6));

/** Keys of the whole runs in a store, and names of whatever else lies there. */
async function stored(folder: string): Promise<{ keys: Set<string>; others: string[] }> {
  const keys = new Set<string>();
  const others: string[] = [];
  for (const name of await readdir(join(folder, '.dmi/runs'))) {
    const run = await checkRunFolder(join(folder, '.dmi/runs', name));
    if (run?.kind === 'checked') keys.add(run.manifest.key);
    else others.push(name);
  }
  return { keys, others };
}

describe('a store of several processes', () => {
  it('gets each run from one of them, and in all no more U-Net calls than one would make', async () => {
    const folder = await temporaryFolder();
    const racing = [work(folder), work(folder), work(folder)];
    expect(await Promise.all(racing.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    const asked = sweepOf(await sweepPlan(folder, { seeds: [0, 1] }));
    const { keys, others } = await stored(folder);
    expect(keys).toEqual(new Set(asked.map(({ plan: { key } }) => key)));
    expect(others).toEqual([]);
    const finished = racing.flatMap(({ lines }) => lines.filter((line) => line.startsWith('finished ')));
    expect(finished).toHaveLength(asked.length);
    expect(new Set(finished).size).toBe(asked.length);
    expect(racing.reduce((sum, { lines }) => sum + callsOf(lines), 0)).toBe(prefixTree(asked).unetCalls);
    for (const left of ['locks', 'open']) expect(await readdir(join(folder, '.dmi', left))).toEqual([]);
  }, 120_000);

  it('goes on after a process was killed at any point, and what was finished is not computed again', async () => {
    const folder = await temporaryFolder();
    const asked = sweepOf(await sweepPlan(folder, { seeds: [0, 1] }));
    let done = 0;
    // In the middle of the first run, just when one has been finished, and a few steps later.
    for (const [wanted, after] of [[/^step \w+ 3$/, 0], [/^finished /, 0], [/^finished /, 2]] as const) {
      const { child, lines, line, ended } = work(folder, { pause: 20 });
      await line((text) => wanted.test(text) && lines.filter((one) => wanted.test(one)).length > after);
      child.kill('SIGKILL');
      await ended;
      const { keys } = await stored(folder);
      expect(keys.size).toBeGreaterThanOrEqual(done);
      done = keys.size;
    }
    expect(done).toBeGreaterThan(0);
    const { keys } = await stored(folder);
    const models = countingModels();
    const plan = await sweepPlan(folder, { seeds: [0, 1], models });
    const results = await executeRuns(asked, plan, { models, signal: new AbortController().signal });
    expect([...results.values()].every(({ kind }) => kind === 'finished')).toBe(true);
    expect(models.calls()).toBe(prefixTree(asked, keys).unetCalls);
    expect(models.calls()).toBeLessThan(prefixTree(asked).unetCalls);
    const after = await stored(folder);
    expect(after.keys.size).toBe(asked.length);
    expect(after.others).toEqual([]);
    expect(await readdir(join(folder, '.dmi/locks'))).toEqual([]);
  }, 120_000);
});
