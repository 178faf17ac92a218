import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { command } from '../../src/commands/pull.ts';
import { runCommandLine } from '../../src/commands/commandLine.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { HubServer, pipelineRepository } from '../support/hubServer.ts';
import { scenesFolder } from '../support/scenes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { recordTerminal } from '../support/terminal.ts';

let server: HubServer;
let folder: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  server = await HubServer.start();
  folder = await realpath(await temporaryFolder());
  server.repositories['org/tiny'] = pipelineRepository();
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  vi.stubEnv('HF_TOKEN', '');
  vi.stubEnv('HF_TOKEN_PATH', join(folder, 'no-token'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await server.stop();
});

async function dmiPull(args: readonly string[], answer?: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = recordTerminal();
  const asked = { ...terminal, ...(answer !== undefined && { ask: (question: string) => { terminal.err(question); return Promise.resolve(answer); } }) };
  const code = await runCommandLine([command], ['pull', ...args], asked);
  return { code, stdout: terminal.stdout, stderr: terminal.stderr };
}

/** The command as it ships, in a process of its own. */
function start(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [resolve('dist/cli.mjs'), 'pull', ...args], { cwd: folder, env: process.env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return child;
}

function contentRequests(): typeof server.requests {
  return server.requests.filter(({ url }) => url.includes('/resolve/'));
}

describe('dmi pull', () => {
  it('shows what it will fetch, and fetches nothing where nobody says yes', async () => {
    const to = join(folder, 'models/tiny');
    for (const answer of ['', 'n', 'no', 'yess']) {
      const { code, stderr } = await dmiPull(['org/tiny', '--to', to], answer);
      expect(code).toBe(130);
      expect(stderr).toMatch(/org\/tiny, main \([0-9a-f]{12}\), from 127\.0\.0\.1:\d+\npipeline, 14 files, 510 kB\n {2}unet +410 kB\n/);
      expect(stderr).toContain(`into ${to}\n`);
      expect(stderr).toContain('Download 510 kB? [y/N] ');
      expect(stderr).toContain('nothing was downloaded');
    }
    const unasked = await dmiPull(['org/tiny', '--to', to]);
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toMatch(/add --yes/);
    expect(contentRequests()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('fetches it where somebody does, and says how a spec names it', async () => {
    const to = join(folder, 'models/tiny');
    const { code, stdout } = await dmiPull(['org/tiny', '--to', to], 'y');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^complete, every checksum right: .*models\/tiny\nin a spec: "model":"/);
    const again = await dmiPull(['org/tiny', '--to', to, '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ id: 'org/tiny', kind: 'pipeline', folder: to, files: 14, downloaded: false, spec: {} });
  });

  it('names what is wrong with what was asked for', async () => {
    expect((await dmiPull(['org/none', '--yes'])).stderr).toMatch(/org\/none: does not exist, or is not public\n {2}Check the name/);
    expect((await dmiPull(['../x'])).stderr).toMatch(/names no repository/);
    expect((await dmiPull(['org/tiny', '--revision', '..'])).stderr).toMatch(/is no revision/);
  });

  it('fetches a pipeline that can be opened: the built-in one, from a repository full of other things', async () => {
    const files: Record<string, Uint8Array | string> = { 'diffusion_pytorch_model.safetensors': 'x', 'unet/diffusion_pytorch_model.bin': 'x' };
    for (const entry of await readdir(scenesFolder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      files[path.slice(scenesFolder.length + 1)] = await readFile(path);
    }
    server.repositories['org/scenes'] = { files };
    const to = join(folder, 'models/scenes');
    expect((await dmiPull(['org/scenes', '--to', to, '--yes'])).code).toBe(0);
    const [pulled, original] = await Promise.all([openPipelineFolder(to), openPipelineFolder(scenesFolder)]);
    expect(await pulled.hash()).toBe(await original.hash());
    expect((await readdir(join(to, 'saes'))).length).toBeGreaterThan(1);
    expect(existsSync(join(to, 'vae_encoder'))).toBe(false);
  });
});

describe('processes', () => {
  it('killed in the midst leave nothing that loads, and the next one goes on', async () => {
    const weights = Buffer.from(server.repositories['org/tiny']?.files['unet/model.onnx_data'] ?? '');
    server.meddle = ({ server: which, url }, response) => {
      if (which !== 'storage' || !url.includes('model.onnx_data')) return false;
      response.writeHead(200, { 'content-length': weights.length });
      response.write(weights.subarray(0, 100_000));
      return true;
    };
    const child = start('org/tiny', '--yes');
    const work = join(folder, 'models/tiny.partial');
    await vi.waitFor(async () => {
      const parts = (await readdir(work)).filter((name) => name.endsWith('.part'));
      expect(parts).toHaveLength(1);
      expect((await stat(join(work, parts[0]))).size).toBe(100_000);
    }, { timeout: 30_000 });
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await readdir(join(folder, 'models'))).toEqual(['tiny.partial']);
    await expect(openPipelineFolder(work)).rejects.toThrow();

    server.meddle = () => false;
    server.requests.length = 0;
    const second = start('org/tiny', '--yes', '--json');
    let out = '';
    second.stdout?.setEncoding('utf8').on('data', (text: string) => { out += text; });
    expect(await once(second, 'close')).toEqual([0, null]);
    expect(JSON.parse(out)).toMatchObject({ downloaded: true, spec: { model: 'models/tiny' } });
    expect(contentRequests().map(({ headers }) => headers.range)).toEqual(['bytes=100000-', 'bytes=100000-']);
    expect(await readdir(join(folder, 'models'))).toEqual(['tiny']);
  });

  it('side by side do not harm each other', async () => {
    const codes = await Promise.all(Array.from({ length: 3 }, async () => (await once(start('org/tiny', '--yes'), 'close'))[0] as number));
    expect(codes.every((code) => code === 0 || code === 2)).toBe(true);
    expect(codes).toContain(0);
    expect((await dmiPull(['org/tiny', '--to', join(folder, 'models/tiny')])).stdout).toMatch(/already there, every checksum right/);
    expect(await readdir(join(folder, 'models'))).toEqual(['tiny']);
  });
});
