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
const port = process.argv.slice(2).map(Number).at(0);

if (port === undefined && onPath('code')) {
  spawn('code', ['--new-window', `--extensionDevelopmentPath=${root}`, examples], { stdio: 'inherit', shell: process.platform === 'win32' });
} else {
  const server = await startServer(port === undefined ? {} : { port });
  console.log(`\n  ${server.url({ folder: examples, open: [join(examples, 'first', 'house.dmi.json')], extension: root })}\n\nOpen it in a browser; Ctrl-C ends VS Code.`);
  await Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)));
  await server.stop();
}

function onPath(program: string): boolean {
  const names = process.platform === 'win32' ? [`${program}.cmd`] : [program];
  return (process.env.PATH ?? '').split(delimiter).some((folder) => names.some((name) => existsSync(join(folder, name))));
}
