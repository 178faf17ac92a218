import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url));

let folder: string;

beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'dmi-cli-')); });
afterAll(async () => { await rm(folder, { recursive: true }); });

function dmi(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...args], (_, stdout, stderr) => { resolve({ code: child.exitCode ?? -1, stdout, stderr }); });
  });
}

it('lists the problems of a spec as file:line:column, and exits with 2', async () => {
  const file = join(folder, 'a.dmi.json');
  await writeFile(file, '{\n  "dmi": 1,\n  "model": "m",\n  "sample": { "prompt": "x", "step": 3 }\n}\n');
  expect(await dmi('check', file)).toEqual({
    code: 2, stderr: '',
    stdout: `${file}:4:30: error: $.sample.step: unknown key "step"; did you mean "steps"?\n  Keys here: prompt, negativePrompt, seeds, scheduler, steps, guidanceScale.\n`,
  });
});

it('names what is missing on disk', async () => {
  const file = join(folder, 'b.dmi.json');
  await writeFile(file, '{ "dmi": 1, "model": "nowhere", "sample": { "prompt": "x" } }');
  expect(await dmi('check', file)).toMatchObject({ code: 2, stderr: `${file}: 1:22 $.model: "nowhere": no such file\n  Check the path, or restore the file.\n` });
  expect(await dmi('check', join(folder, 'none.dmi.json'))).toMatchObject({ code: 2, stdout: '' });
});

it('does not mind a reader that stops early', async () => {
  const child = spawn(process.execPath, [cli, '--help']);
  child.stdout.destroy();
  expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
});
