import { existsSync } from 'node:fs';
import type fsPromises from 'node:fs/promises';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CancelledError, InputError } from '../../../src/base/errors.ts';
import { HubClient } from '../../../src/hub/hubClient.ts';
import { AccessError } from '../../../src/hub/hubFaults.ts';
import { planPull, type PullRequest } from '../../../src/hub/planPull.ts';
import { pull, type PullOptions } from '../../../src/hub/pull.ts';
import { breakOff, HubServer, pipelineRepository, type HubRepository } from '../../support/hubServer.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

let server: HubServer;
let folder: string;
let target: string;
beforeEach(async () => {
  server = await HubServer.start();
  folder = await temporaryFolder();
  target = join(folder, 'models', 'tiny');
});
afterEach(() => server.stop());

function hub(token?: string, stallMs = 5000): HubClient {
  return new HubClient({ endpoint: new URL(`${server.endpoint}/`), stallMs, retryMs: 1, ...(token !== undefined && { token: { value: token, from: 'HF_TOKEN' } }) });
}

async function fetchAll(request: Partial<PullRequest> = {}, client = hub(), options: PullOptions = {}): Promise<boolean> {
  return pull(client, await planPull(client, { id: 'org/tiny', ...request }, options.signal), target, options);
}

async function failure(work: Promise<unknown>): Promise<InputError> {
  const error: unknown = await work.then(() => new Error('it went through'), (reason: unknown) => reason);
  if (!(error instanceof InputError)) throw error;
  return error;
}

/** Every file below a folder, relative. */
async function filesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).sort();
}

function contentRequests(what = ''): typeof server.requests {
  return server.requests.filter(({ url }) => url.includes('/resolve/') && url.includes(what));
}

describe('a pull', () => {
  it('fetches what a pipeline needs and nothing else, of one commit, and says what it fetched', async () => {
    const repository = pipelineRepository();
    server.repositories['org/tiny'] = repository;
    server.pageSize = 7;
    const progress: number[] = [];
    expect(await fetchAll({}, hub(), { onProgress: (loaded) => progress.push(loaded) })).toBe(true);
    expect(await filesIn(target)).toEqual([...repository.needed, '.gitignore', 'dmi-pull.json'].sort());
    for (const path of repository.needed) expect(await readFile(join(target, path))).toEqual(Buffer.from(repository.files[path] ?? ''));
    const manifest = JSON.parse(await readFile(join(target, 'dmi-pull.json'), 'utf8')) as { id: string; commit: string; revision: string; files: { path: string }[] };
    expect(manifest).toMatchObject({ id: 'org/tiny', revision: 'main', hub: `${server.endpoint}/` });
    expect(manifest.files.map(({ path }) => path).sort()).toEqual([...repository.needed].sort());
    expect(contentRequests().every(({ url }) => url.includes(`/resolve/${manifest.commit}/`))).toBe(true);
    const bytes = repository.needed.reduce((sum, path) => sum + Buffer.from(repository.files[path] ?? '').length, 0);
    expect(progress.at(-1)).toBe(bytes);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(existsSync(`${target}.partial`)).toBe(false);
  });

  it('finds what is there already, checks it, and fetches nothing', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    await fetchAll();
    server.requests.length = 0;
    expect(await fetchAll()).toBe(false);
    expect(contentRequests()).toEqual([]);
    await writeFile(join(target, 'unet/model.onnx'), Buffer.alloc(40_000, 'other'));
    expect((await failure(fetchAll())).message).toMatch(/"unet\/model.onnx" is missing or has been changed/);
  });

  it('overwrites nothing', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    await mkdir(target, { recursive: true });
    await writeFile(join(target, 'mine.txt'), 'mine');
    expect((await failure(fetchAll())).message).toMatch(/holds something else already/);
    expect(await filesIn(target)).toEqual(['mine.txt']);
    expect(contentRequests()).toEqual([]);
  });

  it('makes an empty folder its own, and says that another commit is there', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    await mkdir(target, { recursive: true });
    await fetchAll();
    server.repositories['org/tiny'] = pipelineRepository(2);
    expect((await failure(fetchAll())).message).toMatch(/another commit or file list of org\/tiny/);
  });

  it('takes the pipeline out of a subfolder, and asks where there are several', async () => {
    const { files } = pipelineRepository();
    const inFolder = (name: string): HubRepository['files'] => Object.fromEntries(Object.entries(files).map(([path, content]) => [`${name}/${path}`, content]));
    server.repositories['org/tiny'] = { files: { ...inFolder('fp32'), ...inFolder('fp16'), 'README.md': 'x' }, lfsFrom: 10_000 };
    const error = await failure(fetchAll());
    expect(error.message).toBe('holds 2 pipelines: fp16/, fp32/');
    expect(error.remedy).toContain('--include "fp16/**"');
    await fetchAll({ include: 'fp32/**' });
    expect(existsSync(join(target, 'unet/model.onnx'))).toBe(true);
  });

  it('fetches SAEs in subfolders, equal contents once', async () => {
    const weights = Buffer.alloc(30_000, 'sae');
    server.repositories['org/tiny'] = { files: {
      'a/final/config.json': '{"k":10}', 'a/final/state_dict.pth': weights, 'a/final/mean.pt': 'm', 'b/final/state_dict.pth': weights, 'b/final/config.json': '{"k":10}', 'b/optimizer.pt': 'x', 'wandb/run.json': 'x', 'README.md': 'about',
    } };
    await fetchAll();
    expect((await filesIn(target)).filter((path) => !path.startsWith('.') && path !== 'dmi-pull.json')).toEqual(['README.md', 'a/final/config.json', 'a/final/mean.pt', 'a/final/state_dict.pth', 'b/final/config.json', 'b/final/state_dict.pth']);
    expect(contentRequests('state_dict')).toHaveLength(2); // the hub, and the storage it leads to
  });

  it('needs no LFS: small files are checked by what git calls them', async () => {
    const { files } = pipelineRepository();
    server.repositories['org/tiny'] = { files, lfsFrom: Infinity };
    await fetchAll();
    expect(await readFile(join(target, 'unet/model.onnx_data'))).toEqual(files['unet/model.onnx_data']);
  });
});

describe('where a pull is interrupted', () => {
  it('the next one goes on at the byte, and asks for no content that is complete', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    const weights = server.repositories['org/tiny'].files['unet/model.onnx_data'] as Uint8Array;
    const end = new AbortController();
    const all = (await planPull(hub(), { id: 'org/tiny' })).bytes;
    server.meddle = ({ server: which, url }, response) => {
      if (which !== 'storage' || !url.includes('model.onnx_data')) return false;
      response.writeHead(200, { 'content-length': weights.length });
      response.write(weights.subarray(0, 100_000));
      return true; // and says no more
    };
    let loaded = 0;
    const stopped = fetchAll({}, hub(), { signal: end.signal, onProgress: (now) => { loaded = now; } });
    stopped.catch(() => undefined); // looked at below
    await vi.waitFor(async () => {
      expect(loaded).toBe(all - 200_000);
      expect((await readdir(`${target}.partial`)).filter((name) => name.endsWith('.part'))).toHaveLength(1);
    }, { timeout: 20_000 });
    end.abort();
    await expect(stopped).rejects.toThrow(CancelledError);
    expect(existsSync(target)).toBe(false);
    const left = await readdir(`${target}.partial`);
    expect(left.every((name) => /^(?:sha256|git)-[0-9a-f]+-\d+(?:\.part)?$/.test(name))).toBe(true);
    const parts = left.filter((name) => name.endsWith('.part'));
    expect(parts).toHaveLength(1);
    expect((await stat(join(`${target}.partial`, parts[0]))).size).toBe(100_000);

    server.meddle = () => false;
    server.requests.length = 0;
    const progress: number[] = [];
    await fetchAll({}, hub(), { onProgress: (loaded) => progress.push(loaded) });
    expect(contentRequests().map(({ headers }) => headers.range)).toEqual(['bytes=100000-', 'bytes=100000-']);
    expect(await readFile(join(target, 'unet/model.onnx_data'))).toEqual(Buffer.from(weights));
    expect(existsSync(`${target}.partial`)).toBe(false);
  });

  it('what stayed in a newer commit is not fetched again', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    server.meddle = ({ url }, response) => url.includes('/resolve/') && url.includes('vae_decoder/model.onnx') && breakOff(response, Buffer.alloc(10), 50_000);
    expect((await failure(fetchAll())).message).toBe('the hub cannot be reached');
    expect(existsSync(target)).toBe(false);
    server.meddle = () => false;
    server.requests.length = 0;
    server.repositories['org/tiny'] = { ...pipelineRepository(), commit: 'a'.repeat(40) };
    await fetchAll();
    expect(contentRequests('unet/model.onnx_data')).toEqual([]);
    expect(JSON.parse(await readFile(join(target, 'dmi-pull.json'), 'utf8'))).toMatchObject({ commit: 'a'.repeat(40) });
  });

  it('a connection that breaks is taken up where it broke, and one that falls silent counts as broken', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    const weights = server.repositories['org/tiny'].files['unet/model.onnx_data'] as Uint8Array;
    let times = 0;
    server.meddle = ({ server: which, url }, response) => {
      if (which !== 'storage' || !url.includes('model.onnx_data') || ++times > 2) return false;
      if (times === 1) return breakOff(response, weights.subarray(0, 1000), weights.length);
      response.writeHead(206, { 'content-range': `bytes 1000-${weights.length - 1}/${weights.length}`, 'content-length': weights.length - 1000 });
      response.write(weights.subarray(1000, 5000));
      return true;
    };
    await fetchAll({}, hub(undefined, 300));
    expect(contentRequests('model.onnx_data').filter(({ server: which }) => which === 'storage').map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=1000-', 'bytes=5000-']);
    expect(await readFile(join(target, 'unet/model.onnx_data'))).toEqual(Buffer.from(weights));
  });

  it.each([
    ['that knows no ranges sends it all again', 200, () => ({})],
    ['that gives the whole in answer to a part, as a part', 206, (bytes: number) => ({ 'content-range': `bytes 0-${bytes - 1}/${bytes}` })],
  ])('a server %s', async (_, status, headersFor) => {
    server.repositories['org/tiny'] = pipelineRepository();
    const weights = server.repositories['org/tiny'].files['unet/model.onnx_data'] as Uint8Array;
    let times = 0;
    server.meddle = ({ server: which, url }, response) => {
      if (which !== 'storage' || !url.includes('model.onnx_data')) return false;
      if (++times === 1) return breakOff(response, weights.subarray(0, 1000), weights.length);
      response.writeHead(status, { 'content-length': weights.length, ...headersFor(weights.length) }).end(weights);
      return true;
    };
    await fetchAll();
    expect(await readFile(join(target, 'unet/model.onnx_data'))).toEqual(Buffer.from(weights));
  });

  it('a proxy that compresses whatever it is told', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    const { files } = server.repositories['org/tiny'];
    server.meddle = ({ server: which, url }, response) => which === 'storage' && Boolean(response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(files[decodeURIComponent(/resolve\/[0-9a-f]+\/(.*)\?/.exec(url)?.[1] ?? '')])));
    await fetchAll();
    expect(await readFile(join(target, 'unet/model.onnx_data'))).toEqual(files['unet/model.onnx_data']);
  });

  it('at the last moment, what had its place already is not fetched again', async () => {
    server.repositories['org/tiny'] = { ...pipelineRepository(), files: { ...pipelineRepository().files, 'tokenizer/twin.json': '{}' } };
    const { files } = server.repositories['org/tiny'];
    const tree = join(`${target}.partial`, 'tree', 'unet');
    await mkdir(tree, { recursive: true });
    for (const name of ['model.onnx', 'model.onnx_data']) await writeFile(join(tree, name), files[`unet/${name}`]);
    await fetchAll();
    expect(contentRequests('unet/model.onnx')).toEqual([]);
    expect(await readFile(join(target, 'unet/model.onnx_data'))).toEqual(files['unet/model.onnx_data']);
    expect(await readFile(join(target, 'tokenizer/twin.json'), 'utf8')).toBe('{}');
    expect(existsSync(`${target}.partial`)).toBe(false);
  });

  it('what lay in the part is no longer trusted where the whole is wrong', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    const weights = Buffer.from(server.repositories['org/tiny'].files['unet/model.onnx_data'] as Uint8Array);
    const client = hub();
    const plan = await planPull(client, { id: 'org/tiny' });
    const blob = plan.files.find(({ to }) => to === 'unet/model.onnx_data');
    await mkdir(`${target}.partial`, { recursive: true });
    await writeFile(join(`${target}.partial`, `sha256-${blob?.checksum.hex}-${weights.length}.part`), Buffer.alloc(1000, 'tampered'));
    await pull(client, plan, target);
    expect(await readFile(join(target, 'unet/model.onnx_data'))).toEqual(weights);
  });
});

describe('what is not as it should be leaves nothing that loads:', () => {
  async function nothingLeft(): Promise<void> {
    expect(existsSync(target)).toBe(false);
    const left = existsSync(`${target}.partial`) ? await readdir(`${target}.partial`) : [];
    expect(left.filter((name) => !/^(?:sha256|git)-[0-9a-f]+-\d+(?:\.part)?$/.test(name))).toEqual([]);
  }

  it('another content of the same size', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    server.meddle = ({ url }, response) => url.includes('resolve') && url.includes('unet/model.onnx_data') && Boolean(response.writeHead(200).end(Buffer.alloc(300_000, 'tampered')));
    const error = await failure(fetchAll());
    expect(error.message).toMatch(/^what arrived as "unet\/model\.onnx_data" is not what the hub lists \(SHA-256 [0-9a-f]{12}\)$/);
    await nothingLeft();
    expect((await readdir(`${target}.partial`)).filter((name) => name.includes('300000'))).toEqual([]);
  });

  it('a small file of other content', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    server.meddle = ({ url }, response) => url.includes('resolve') && url.endsWith('scheduler_config.json') && Boolean(response.writeHead(200).end('{"_class_name":"OtherScheduler"}'.slice(0, 31)));
    expect((await failure(fetchAll())).message).toMatch(/git SHA-1/);
    await nothingLeft();
  });

  it('more bytes than are listed', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    server.meddle = ({ url }, response) => url.includes('resolve') && url.includes('unet/model.onnx_data') && Boolean(response.writeHead(200).end(Buffer.alloc(5_000_000)));
    expect((await failure(fetchAll())).message).toMatch(/it sends more of unet\/model\.onnx_data than it lists/);
    await nothingLeft();
  });

  it('fewer bytes than are listed', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    server.meddle = ({ url }, response) => url.includes('resolve') && url.includes('unet/model.onnx_data') && Boolean(response.writeHead(200).end(Buffer.alloc(10)));
    expect((await failure(fetchAll())).message).toMatch(/the hub cannot be reached|not what the hub lists/);
    await nothingLeft();
  });

  it('a disk that fills up on the way, and the next attempt goes on', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    let written = 0;
    vi.resetModules();
    vi.doMock('node:fs/promises', async (original) => {
      const real = await original<typeof fsPromises>();
      const open: typeof real.open = async (...options) => {
        const handle = await real.open(...options);
        const write = handle.write.bind(handle) as (...rest: unknown[]) => Promise<{ bytesWritten: number }>;
        return Object.assign(handle, { write: async (...rest: unknown[]) => {
          const result = await write(...rest);
          written += result.bytesWritten;
          if (written > 250_000) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          return result;
        } });
      };
      return { ...real, open };
    });
    const { pull: pullHere } = await import('../../../src/hub/pull.ts');
    vi.doUnmock('node:fs/promises');
    const client = hub();
    const plan = await planPull(client, { id: 'org/tiny' });
    await expect(pullHere(client, plan, target)).rejects.toMatchObject({ name: 'InputError', message: 'disk full', remedy: 'Free space on this disk, or write to another one.' });
    await nothingLeft();
    expect(await pull(client, plan, target)).toBe(true);
  });

  it('a disk that is too full from the start', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    vi.resetModules();
    vi.doMock('node:fs/promises', async (original) => ({ ...await original<typeof fsPromises>(), statfs: () => Promise.resolve({ bavail: 10n, bsize: 4096n }) }));
    const { pull: pullHere } = await import('../../../src/hub/pull.ts');
    vi.doUnmock('node:fs/promises');
    const client = hub();
    const plan = await planPull(client, { id: 'org/tiny' });
    await expect(pullHere(client, plan, target)).rejects.toThrow(/MB more are needed than this disk has free/);
    await nothingLeft();
    expect(contentRequests()).toEqual([]);
  });

  it('a working folder with something of somebody else\'s, which stays', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    await mkdir(`${target}.partial`, { recursive: true });
    await writeFile(join(`${target}.partial`, 'thesis.tex'), 'mine');
    expect((await failure(fetchAll())).message).toBe('holds "thesis.tex", which is no part of a download');
    expect(await readFile(join(`${target}.partial`, 'thesis.tex'), 'utf8')).toBe('mine');
    expect(contentRequests()).toEqual([]);
  });

  it('a link where an earlier attempt had put a file', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    const victim = join(folder, 'victim');
    await mkdir(victim);
    await writeFile(join(victim, 'model.onnx'), 'mine');
    await mkdir(join(`${target}.partial`, 'tree'), { recursive: true });
    await symlink(victim, join(`${target}.partial`, 'tree', 'unet'));
    await fetchAll();
    expect(await readFile(join(victim, 'model.onnx'), 'utf8')).toBe('mine');
  });

  it('a link where the parts are to lie', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    const elsewhere = await temporaryFolder();
    await mkdir(join(folder, 'models'));
    await symlink(elsewhere, `${target}.partial`);
    expect((await failure(fetchAll())).message).toBe('is not a folder');
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('a link in place of a part', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    const client = hub();
    const plan = await planPull(client, { id: 'org/tiny' });
    const victim = join(folder, 'victim');
    await writeFile(victim, 'mine');
    await mkdir(`${target}.partial`, { recursive: true });
    for (const { checksum, size } of plan.files) {
      await symlink(victim, join(`${target}.partial`, `${checksum.kind}-${checksum.hex}-${size}.part`)).catch(() => undefined);
    }
    await pull(client, plan, target);
    expect(await readFile(victim, 'utf8')).toBe('mine');
    expect(await readFile(join(target, 'scheduler/scheduler_config.json'), 'utf8')).toContain('DDIM');
  });
});

describe('several pulls of one folder', () => {
  it('do not meet: one works, the other is told so', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    const fates = await Promise.allSettled(Array.from({ length: 4 }, () => fetchAll()));
    const told = fates.filter((fate) => fate.status === 'rejected').map(({ reason }) => (reason as InputError).message);
    expect(fates.filter((fate) => fate.status === 'fulfilled' && fate.value)).toHaveLength(1);
    expect(told.every((message) => message === 'is being downloaded already')).toBe(true);
    expect(await fetchAll()).toBe(false);
    expect(existsSync(`${target}.partial`)).toBe(false);
  });
});

describe('the token', () => {
  it('goes to the hub and to nobody else', async () => {
    server.repositories['org/tiny'] = { ...pipelineRepository(), token: 'hf_secret' };
    await fetchAll({}, hub('hf_secret'));
    const [asked, stored] = (['hub', 'storage'] as const).map((which) => server.requests.filter((request) => request.server === which));
    expect(asked.every(({ headers }) => headers.authorization === 'Bearer hf_secret')).toBe(true);
    expect(stored.length).toBeGreaterThan(3);
    expect(stored.filter(({ headers, url }) => headers.authorization !== undefined || url.includes('hf_secret'))).toEqual([]);
    for (const path of await filesIn(target)) expect(await readFile(join(target, path), 'utf8')).not.toContain('hf_secret');
  });

  it('does not follow a list that goes on elsewhere', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    server.meddle = ({ url, server: which }, response) => {
      if (which === 'hub' && url.includes('/tree/')) response.setHeader('link', `<${server.storage}/api/models/org/tiny/tree/x>; rel="next"`);
      return false;
    };
    expect((await failure(fetchAll({}, hub('hf_secret')))).message).toMatch(/its list goes on at another address/);
    expect(server.requests.filter(({ server: which }) => which === 'storage')).toEqual([]);
  });

  it('is not sent where others could read it', () => {
    const client = new HubClient({ endpoint: new URL('http://hub.example.org/'), token: { value: 'hf_secret', from: 'HF_TOKEN' } });
    expect(client.tokenFrom).toBeUndefined();
  });
});

describe('a refusal', () => {
  it.each([
    ['a repository that is not there', {}, undefined, /does not exist, or is not public/, /HF_TOKEN/, 'token'],
    ['gated, without a token', { gated: true }, undefined, /accepted its terms/, /accept them, then set a token/, 'token'],
    ['gated, with one', { gated: true }, 'hf_other', /accepted its terms/, /accept them with the account of your token/, 'terms'],
    ['a token that is not accepted', { token: 'hf_right' }, 'hf_wrong', /does not accept this token/, /Make one with read access/, 'token'],
  ])('%s', async (name, part, token, message, remedy, missing) => {
    if (name !== 'a repository that is not there') server.repositories['org/tiny'] = { ...pipelineRepository(), ...part };
    const error = await failure(fetchAll({}, hub(token)));
    expect(error.message).toMatch(message);
    expect(error.remedy).toMatch(remedy);
    expect(error instanceof AccessError && error.missing).toBe(missing);
    expect(error.describe()).not.toMatch(/hf_|words of the hub/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('a revision that is not there', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    expect((await failure(fetchAll({ revision: 'fp16' }))).message).toBe('has no revision "fp16"');
  });

  it('a busy hub is waited for, then told of', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    let times = 0;
    server.meddle = ({ url }, response) => url.includes('/tree/') && ++times <= 2 && Boolean(response.writeHead(429, { 'retry-after': '0' }).end());
    expect(await fetchAll()).toBe(true);
    server.meddle = (_, response) => Boolean(response.writeHead(429).end());
    expect((await failure(fetchAll())).message).toMatch(/wants fewer requests/);
    server.meddle = (_, response) => Boolean(response.writeHead(503).end());
    expect((await failure(fetchAll())).message).toMatch(/answers with status 503/);
  });

  it('a busy hub is given the time that it asks for: in seconds, as a date, or as the public hub says it', async () => {
    server.repositories['org/tiny'] = pipelineRepository();
    for (const headers of [() => ({ 'retry-after': '1' }), () => ({ 'retry-after': new Date(Date.now() + 2000).toUTCString() }), () => ({ ratelimit: '"api";r=0;t=1' })]) {
      let times = 0;
      server.meddle = ({ url }, response) => url.includes('/revision/') && ++times === 1 && Boolean(response.writeHead(429, headers()).end());
      const start = performance.now();
      await planPull(hub(), { id: 'org/tiny' });
      expect(performance.now() - start).toBeGreaterThan(400);
      expect(times).toBe(2);
    }
  });

  it('a repository that the hub has disabled', async () => {
    server.meddle = (_, response) => Boolean(response.writeHead(403, { 'x-error-message': 'Access to this resource is disabled.' }).end());
    expect((await failure(fetchAll({}, hub('hf_x')))).message).toBe('has been disabled by the hub');
  });

  it('nobody there', async () => {
    const client = hub();
    await server.stop();
    const error = await failure(fetchAll({}, client));
    expect(error.message).toBe('the hub cannot be reached');
    expect(error.file).toContain('ECONNREFUSED');
  });
});

describe('a repository without what is needed', () => {
  it('is told how to get ONNX files, or where they are', async () => {
    server.repositories['org/tiny'] = { files: { 'model_index.json': '{}', 'unet/diffusion_pytorch_model.safetensors': 'x' } };
    const error = await failure(fetchAll());
    expect(error.message).toBe('is a pipeline without an ONNX U-Net (unet/model.onnx)');
    expect(error.remedy).toMatch(/optimum-cli export onnx --model org\/tiny models\/tiny \(docs\/exporting\.md\)/);
    server.repositories['org/tiny'] = { ...server.repositories['org/tiny'], branches: ['main', 'onnx', 'fp16'] };
    expect((await failure(fetchAll())).remedy).toMatch(/--revision onnx/);
  });

  it('is told what it lacks', async () => {
    const repository = pipelineRepository();
    delete repository.files['vae_decoder/model.onnx'];
    server.repositories['org/tiny'] = repository;
    expect((await failure(fetchAll())).message).toBe('is a pipeline without vae_decoder/model.onnx');
    server.repositories['org/tiny'] = { files: { 'README.md': 'x', 'data.csv': 'x' } };
    expect((await failure(fetchAll())).message).toMatch(/holds neither a pipeline/);
  });
});
