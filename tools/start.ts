import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { startServer } from './vscode/server.ts';

/**
 * `npm start`: the examples in a VS Code that runs the extension from this folder. Where there is a `code` on the PATH a window of it opens;
 * elsewhere VS Code is served on localhost until Ctrl-C. `npm start -- 8123` serves on that port, `code` or not.
 */

const root = resolve(import.meta.dirname, '../..');
const examples = join(root, 'examples');
const spec = join(examples, 'first', 'house.dmi.json');
const argument = process.argv.at(2);
const port = argument === undefined ? undefined : Number(argument);

if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
  console.error(`${argument} is no port; npm start takes a number from 1 to 65535, or nothing`);
  process.exitCode = 2;
} else if (port === undefined && onPath('code')) {
  process.exitCode = await openWindow();
} else {
  // Listened for from the start: who gives up while VS Code is being fetched leaves no server behind.
  const end = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)));
  const server = await startServer(port === undefined ? {} : { port });
  console.log(`\n  ${server.url({ folder: examples, open: [spec], extension: root })}\n\nOpen it in a browser; Ctrl-C ends VS Code.`);
  await end;
  await server.stop();
}

/** @returns the exit code of `code`, which does not wait for its window */
async function openWindow(): Promise<number> {
  console.log('Opening the examples in your VS Code; `npm start -- 8123` serves one to a browser.');
  const shell = process.platform === 'win32'; // `code` is a script there
  const args = ['--new-window', `--extensionDevelopmentPath=${root}`, examples, spec];
  const child = spawn('code', shell ? args.map((arg) => `"${arg}"`) : args, { stdio: 'inherit', shell });
  return new Promise((done) => {
    child.on('close', (code) => { done(code ?? 1); }).on('error', ({ message }) => {
      console.error(`code does not start: ${message}`);
      done(1);
    });
  });
}

function onPath(program: string): boolean {
  const names = process.platform === 'win32' ? [`${program}.cmd`] : [program];
  return (process.env.PATH ?? '').split(delimiter).some((folder) => names.some((name) => existsSync(join(folder, name))));
}
