import fc from 'fast-check';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { HubClient } from '../../../src/hub/hubClient.ts';
import { planPull } from '../../../src/hub/planPull.ts';
import { pull } from '../../../src/hub/pull.ts';
import { checkPaths, isSafePath } from '../../../src/hub/remotePath.ts';
import { HubServer, pipelineRepository, treeOf } from '../../support/hubServer.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

let server: HubServer;
let hub: HubClient;
const repository = pipelineRepository();
beforeAll(async () => {
  server = await HubServer.start();
  server.repositories['org/tiny'] = repository;
  hub = new HubClient({ endpoint: new URL(`${server.endpoint}/`), stallMs: 2000, retryMs: 0 });
});
afterAll(() => server.stop());

/** The list of files becomes this text, or this value as JSON. */
function listInstead(value: unknown): void {
  server.meddle = ({ url }, response) => url.includes('/tree/') && Boolean(response.writeHead(200).end(typeof value === 'string' ? value : JSON.stringify(value)));
}

async function refused(): Promise<string> {
  const error: unknown = await planPull(hub, { id: 'org/tiny' }).then(() => undefined, (reason: unknown) => reason);
  if (error instanceof InputError) return error.message;
  throw error instanceof Error ? error : new Error('it was accepted');
}

describe('a path of a server', () => {
  it.each([
    '../unet/model.onnx', 'unet/../../model.onnx', '/etc/passwd', 'unet//model.onnx', 'unet/./x', '', 'unet/', 'C:/x', 'C:x', 'unet\\..\\x', 'a\0b', 'a\nb', 'unet/x:stream', 'NUL', 'unet/con', 'aux.json', 'COM1.txt', 'lpt9',
    'x.', 'x ', ' x', '.git/config', 'unet/.hidden', 'a?b', 'a*b', 'a<b', 'a|b', '"x"', `${'a/'.repeat(20)}x`, 'a'.repeat(300), 'safe\u202Egpj.onnx', '\ud800x', '~/x\\y',
  ])('%j is not used', (path) => { expect(isSafePath(path)).toBe(false); });

  it.each(['unet/model.onnx', 'a/b/c/state_dict.pth', 'unet.up_blocks.1.attentions.1/sae.safetensors', 'onnx__MatMul_12', 'con_x', 'ラベル.json', 'layers.0 seed1/x'])('%s is', (path) => { expect(isSafePath(path)).toBe(true); });

  it('that no disk could hold beside another is not used', () => {
    const endpoint = new URL('http://hub/');
    for (const paths of [['a/X', 'a/x'], ['a', 'a/b'], ['A', 'a/b/c'], ['é', 'e\u0301']]) expect(() => { checkPaths(paths, endpoint); }).toThrow(InputError);
    expect(() => { checkPaths(['a/x', 'a/y', 'ab'], endpoint); }).not.toThrow();
  });

  it('never leaves the folder, whatever it is', () => {
    const name = fc.oneof(fc.constantFrom('..', '.', '', 'unet', 'a', 'NUL', '\0', 'x\\..', 'C:'), fc.string({ maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 4 }));
    fc.assert(fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), (names) => {
      const path = names.join('/');
      if (!isSafePath(path)) return;
      expect(join('/folder', path)).toBe(`/folder/${path}`);
      expect(path).not.toMatch(/[\\:\0]/);
    }), { seed: 1, numRuns: 3000 });
  });
});

describe('a list of files', () => {
  const entry = { type: 'file', path: 'unet/model.onnx', oid: 'a'.repeat(40), size: 3 };

  it.each([
    ['a path out of the folder', [...treeOf(repository), { ...entry, path: 'unet/..\\weights' }], /it names a file/],
    ['a path with a NUL', [...treeOf(repository), { ...entry, path: 'unet/a\0b' }], /it names a file/],
    ['two files of one name', [...treeOf(repository), { ...entry, path: 'unet/MODEL.onnx_data' }], /would be one file/],
    ['a negative size', [{ ...entry, size: -1 }], /expected shape/],
    ['a size that is no number', [{ ...entry, size: 'x' }], /expected shape/],
    ['sizes beyond counting', [...treeOf(repository), ...['x1', 'x2'].map((name) => ({ ...entry, path: `unet/${name}`, size: Number.MAX_SAFE_INTEGER }))], /it lists \d+ files of/],
    ['no checksum', [{ ...entry, oid: 'short' }], /no checksum/],
    ['a checksum of LFS that is none', [{ ...entry, lfs: { oid: '../../x', size: 3 } }], /no checksum/],
    ['an object', { error: 'x' }, /expected shape/],
    ['no JSON', '<html>', /not JSON/],
    ['too long a list', `[${'1,'.repeat(9_000_000)}1]`, /more than \d+ bytes/],
  ])('with %s is refused', async (_, list, message) => {
    listInstead(list);
    expect(await refused()).toMatch(message);
  });

  it('goes on behind an address with a comma, whatever else is linked', async () => {
    const entries = treeOf(repository);
    server.meddle = ({ url }, response) => {
      if (!url.includes('/tree/')) return false;
      const next = url.includes('a,b');
      if (!next) response.setHeader('link', `<${server.endpoint}/first>; rel="first", <${server.endpoint}/api/models/org/tiny/tree/x?cursor=a,b>; rel="next"`);
      response.writeHead(200).end(JSON.stringify(next ? entries.slice(5) : entries.slice(0, 5)));
      return true;
    };
    expect((await planPull(hub, { id: 'org/tiny' })).files.map(({ to }) => to).sort()).toEqual([...repository.needed].sort());
  });

  it('without an end is refused', async () => {
    let pages = 0;
    server.meddle = ({ url }, response) => {
      if (!url.includes('/tree/')) return false;
      response.setHeader('link', `<${server.endpoint}/api/models/org/tiny/tree/x?page=${++pages}>; rel="next"`);
      response.writeHead(200).end('[]');
      return true;
    };
    expect(await refused()).toMatch(/it lists more than/);
    expect(pages).toBeLessThan(1100);
  });

  it('of any shape is used or refused, and nothing comes out of the folder', async () => {
    const json = fc.oneof(fc.jsonValue(), fc.array(fc.record({
      type: fc.constantFrom('file', 'directory', 'x'),
      path: fc.oneof(fc.constantFrom('model_index.json', 'unet/model.onnx', 'text_encoder/model.onnx', 'vae_decoder/model.onnx', 'tokenizer/a.json', 'scheduler/b.json', 'unet/../x.onnx', 'unet/a/../../b', 'sae.safetensors'), fc.string()),
      oid: fc.oneof(fc.constant('a'.repeat(40)), fc.string()), size: fc.oneof(fc.nat(), fc.double(), fc.constant(2 ** 60)),
      lfs: fc.oneof(fc.constant(undefined), fc.record({ oid: fc.oneof(fc.constant('b'.repeat(64)), fc.string()), size: fc.integer() })),
    }, { requiredKeys: ['type', 'path'] })));
    await fc.assert(fc.asyncProperty(json, async (list) => {
      listInstead(JSON.stringify(list));
      const plan = await planPull(hub, { id: 'org/tiny' }).catch((error: unknown) => {
        if (error instanceof InputError) return undefined;
        throw error;
      });
      for (const { to } of plan?.files ?? []) expect(isSafePath(to)).toBe(true);
    }), { seed: 1, numRuns: 150 });
  });
});

describe('an answer of another kind', () => {
  it.each([
    ['a commit that is none', (url: string) => url.includes('/revision/'), { status: 200, body: '{"sha":"../../x"}' }, /expected shape/],
    ['a redirect to no address', (url: string) => url.includes('/tree/'), { status: 302, location: 'http://[' }, /no address/],
    ['a redirect to a file', (url: string) => url.includes('/tree/'), { status: 302, location: 'file:///etc/passwd' }, /no address/],
    ['a redirect with a password', (url: string) => url.includes('/tree/'), { status: 302, location: 'http://a:b@127.0.0.1/' }, /no address/],
    ['redirects without end', (url: string) => url.includes('/tree/'), { status: 302, location: '/api/models/org/tiny/tree/x' }, /without end/],
  ])('%s is refused', async (_, where, { status, body, location }: { status: number; body?: string; location?: string }, message) => {
    server.meddle = ({ url }, response) => where(url) && Boolean(response.writeHead(status, location === undefined ? {} : { location }).end(body));
    expect(await refused()).toMatch(message);
  });

  it('to a request for content leaves nothing that loads', async () => {
    const folder = await temporaryFolder();
    let run = 0;
    await fc.assert(fc.asyncProperty(fc.constantFrom(200, 204, 206, 301, 404, 416, 500), fc.uint8Array({ maxLength: 64 }), fc.option(fc.string({ maxLength: 20 }).filter((text) => /^[ -~]*$/.test(text)), { nil: undefined }), async (status, body, range) => {
      server.meddle = ({ url }, response) => url.includes('/resolve/') && url.includes('unet/model.onnx') && Boolean(response.writeHead(status, range === undefined ? {} : { 'content-range': range }).end(status === 204 ? undefined : body));
      const target = join(folder, `run-${run++}`);
      const plan = await planPull(hub, { id: 'org/tiny' });
      await expect(pull(hub, plan, target)).rejects.toThrow(InputError);
      expect(existsSync(target)).toBe(false);
      expect((await readdir(`${target}.partial`)).filter((name) => !/^(?:sha256|git)-[0-9a-f]+-\d+(?:\.part)?$/.test(name))).toEqual([]);
    }), { seed: 1, numRuns: 12 });
    server.meddle = () => false;
    const target = join(folder, 'well');
    await pull(hub, await planPull(hub, { id: 'org/tiny' }), target);
    expect(await readFile(join(target, 'tokenizer/merges.txt'), 'utf8')).toBe('#version');
  }, 120_000);
});
