import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './runTool.ts';

/** The last release for Node 20; it holds VS Code 1.100.3, the oldest that the extension supports. */
const release = 'code-server@4.100.3';
const ripgrep = `@vscode/ripgrep-${process.platform}-${process.arch}@1.18.0`;

/**
 * Folder of VS Code's server and web workbench, fetched from npm on first use (a minute, 300 MB) and kept in the user's cache.
 * Any number of processes may ask at once: each unpacks beside, the first to finish wins.
 * @throws Error when the registry cannot be reached
 */
export async function installServer(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'dmi-lens');
  const installed = join(cache, release);
  if (!await exists(installed)) {
    const unfinished = join(cache, `unfinished-${randomUUID()}`);
    await mkdir(unfinished, { recursive: true });
    try {
      await unpack(unfinished);
      await rename(join(unfinished, 'package'), installed).catch(async (error: unknown) => {
        if (!await exists(installed)) throw error; // otherwise another process was first
      });
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }
  return join(installed, 'lib', 'vscode');
}

/** Fetches the packages, and what they need, without running any of their scripts. */
async function unpack(folder: string): Promise<void> {
  process.stderr.write(`Fetching VS Code for the tests (${release}; once) ...\n`);
  await Promise.all([release, ripgrep].map(async (name) => { await runTool('npm', ['pack', name, '--silent', '--pack-destination', folder], folder); }));
  await runTool('tar', ['xzf', archiveName(release)], folder);
  const server = join(folder, 'package', 'lib', 'vscode');
  const install = ['install', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--silent'];
  await Promise.all([server, join(server, 'extensions')].map(async (project) => { await runTool('npm', install, project); }));

  // The package that would fetch ripgrep by a script finds it where that script would have put it.
  const bin = join(server, 'node_modules', '@vscode', 'ripgrep', 'bin');
  await mkdir(join(folder, 'rg'));
  await mkdir(bin, { recursive: true });
  await runTool('tar', ['xzf', archiveName(ripgrep), '-C', 'rg'], folder);
  await copyFile(join(folder, 'rg', 'package', 'bin', 'rg'), join(bin, 'rg'));
  await chmod(join(bin, 'rg'), 0o755);
}

/** What `npm pack` names the archive of `@scope/name@version`. */
function archiveName(name: string): string {
  return `${name.replace(/^@/, '').replace('/', '-').replace('@', '-')}.tgz`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}
