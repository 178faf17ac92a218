import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBrowser } from '../../tools/vscode/browser.ts';
import { eventually } from '../editor/support/eventually.ts';
import { takePicture } from './takePicture.ts';

const root = resolve('.');

/** `npm start`, as someone types it who has just cloned the repository. */
describe('npm start', () => {
  /** Home of all that the command leaves in temporary files; by it every process that it starts is known. */
  let scratch: string;
  const path = () => (process.env.PATH ?? '').split(delimiter);

  beforeEach(async () => { scratch = await mkdtemp(join(tmpdir(), 'dmi-start-')); });
  afterEach(async () => { await rm(scratch, { recursive: true, force: true }); });

  /** In a process group of its own, as a shell does. */
  function start(folders: readonly string[]) {
    const child = spawn('npm', ['start'], { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: scratch, PATH: folders.join(delimiter) } });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { output += text; });
    const closed = once(child, 'close') as Promise<[number | null]>;
    return { output: () => output, closed, interrupt: () => process.kill(-(child.pid ?? NaN), 'SIGINT') };
  }

  it.runIf(process.platform === 'linux')('serves a VS Code with the examples and the extension; Ctrl-C ends all of it', async () => {
    const browser = await openBrowser();
    const command = start(await without('code', path()));
    try {
      const url = await eventually('the address', () => /http:\/\/127\.0\.0\.1:\d+\S+/.exec(command.output())?.[0], undefined, 120);
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      await page.goto(url);
      await page.locator('.tab', { hasText: 'house.dmi.json' }).waitFor();
      await page.locator('.codelens-decoration a', { hasText: 'Run trace' }).waitFor(); // the extension is active
      await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'mirrored' }).waitFor();
      await takePicture(page, 'start');
      expect(await startedHere(scratch)).not.toEqual([]);
    } finally {
      command.interrupt();
      await browser.close();
    }
    await command.closed;
    expect(command.output()).not.toMatch(/left running|Error/);
    await eventually('no process left', () => startedHere(scratch), (left) => left.length === 0);
    expect((await readdir(scratch)).filter((name) => name.startsWith('dmi-vscode-'))).toEqual([]);
  }, 300_000);

  it.skipIf(process.platform === 'win32')('opens the VS Code that is there, and ends as it does', async () => {
    const [bin, said] = [join(scratch, 'bin'), join(scratch, 'arguments')];
    await mkdir(bin);
    await writeFile(join(bin, 'code'), `#!/bin/sh\nprintf '%s\\n' "$@" > "${said}"\nexit 3\n`);
    await chmod(join(bin, 'code'), 0o755);
    const [exit] = await start([bin, ...path()]).closed;
    expect((await readFile(said, 'utf8')).trim().split('\n')).toEqual(['--new-window', `--extensionDevelopmentPath=${root}`, join(root, 'examples'), join(root, 'examples/first/house.dmi.json')]);
    expect(exit).toBe(3);
  });
});

/** Folders of a PATH that hold no such program. */
async function without(program: string, folders: readonly string[]): Promise<string[]> {
  const holds = await Promise.all(folders.map((folder) => readdir(folder).then((names) => names.includes(program), () => false)));
  return folders.filter((_, at) => !holds[at]);
}

/** Command lines of the processes whose temporary files go to a folder. */
async function startedHere(folder: string): Promise<string[]> {
  const found = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(async (pid) => {
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    return (await read('environ')).split('\0').includes(`TMPDIR=${folder}`) ? [(await read('cmdline')).replaceAll('\0', ' ')] : [];
  }));
  return found.flat();
}
