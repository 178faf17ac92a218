import { execFile, spawn } from 'node:child_process';
import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { scenesFolder } from '../support/scenes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** The bundle: `dmi` as people start it. */
const cli = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url));

function dmi(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...args], (_, stdout, stderr) => { resolve({ code: child.exitCode, stdout, stderr }); });
  });
}

it('lists the problems of a spec as file:line:column, and exits with 2', async () => {
  const file = join(await temporaryFolder(), 'a.dmi.json');
  await writeFile(file, '{\n  "dmi": 1,\n  "model": "m",\n  "sample": { "prompt": "x", "step": 3 }\n}\n');
  expect(await dmi('check', file)).toEqual({
    code: 2, stderr: '',
    stdout: `${file}:4:30: error: $.sample.step: unknown key "step"; did you mean "steps"?\n  Keys here: prompt, negativePrompt, seeds, scheduler, steps, guidanceScale, guidanceRescale.\n`,
  });
});

it('names what is missing on disk', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'a.dmi.json');
  await writeFile(file, '{ "dmi": 1, "model": "nowhere", "sample": { "prompt": "x" } }');
  expect(await dmi('check', file)).toMatchObject({ code: 2, stderr: `${file}: 1:22 $.model: "nowhere": no such file\n  Check the path, or restore the file.\n` });
  expect(await dmi('check', join(folder, 'none.dmi.json'))).toMatchObject({ code: 2, stdout: '' });
});

it('does not mind a reader that stops early', async () => {
  const child = spawn(process.execPath, [cli, '--help']);
  child.stdout.destroy();
  expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
});

it('stops at Ctrl-C with 130, and leaves no run behind', async () => {
  const folder = await temporaryFolder();
  await cp(scenesFolder, join(folder, 'model'), { recursive: true });
  await writeFile(join(folder, 'a.dmi.json'), '{ "dmi": 1, "model": "model", "sample": { "prompt": "a house", "steps": 900 } }');
  const child = spawn(process.execPath, [cli, 'run', join(folder, 'a.dmi.json')]);
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => { stderr += text.toString(); });
  const exit = new Promise((resolve) => child.on('exit', resolve));
  const runs = (): Promise<string[]> => readdir(join(folder, '.dmi/runs')).catch(() => []);

  await expect.poll(runs, { timeout: 50_000, interval: 50 }).toHaveLength(1); // the first run is being written
  child.kill('SIGINT');
  expect(await exit, stderr).toBe(130);
  expect(stderr).toContain('cancelled');
  expect(await runs()).toEqual([]);
});
