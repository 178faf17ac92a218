import fc from 'fast-check';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { hubEndpoint } from '../../../src/hub/endpoint.ts';
import { globFilter } from '../../../src/hub/globs.ts';
import { checkRevision, hubAddress, parseHubId } from '../../../src/hub/hubId.ts';
import { findToken } from '../../../src/hub/token.ts';
import { useInSpec } from '../../../src/hub/useInSpec.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const endpoint = new URL('https://mirror.example.org/hf/');

describe('the name of a repository', () => {
  it.each([
    ['org/name', { id: 'org/name' }],
    ['  org/na.me-2_x ', { id: 'org/na.me-2_x' }],
    ['gpt2', { id: 'gpt2' }],
    ['https://huggingface.co/org/name', { id: 'org/name' }],
    ['https://huggingface.co/org/name/', { id: 'org/name' }],
    ['https://huggingface.co/org/name?library=x#files', { id: 'org/name' }],
    ['https://huggingface.co/org/name/tree/onnx', { id: 'org/name', revision: 'onnx' }],
    ['https://mirror.example.org/hf/org/name/tree/refs%2Fpr%2F3', { id: 'org/name', revision: 'refs/pr/3' }],
    ['https://huggingface.co/org/name/tree/main/layers.0/seed%201', { id: 'org/name', revision: 'main', folder: 'layers.0/seed 1' }],
    ['https://huggingface.co/org/name/blob/main/a/b/sae.safetensors', { id: 'org/name', revision: 'main', folder: 'a/b' }],
    ['https://huggingface.co/org/name/resolve/v1/README.md?download=true', { id: 'org/name', revision: 'v1' }],
    ['huggingface.co/org/name', { id: 'org/name' }],
    ['https://hf.co/org/name', { id: 'org/name' }],
    ['http://www.huggingface.co/gpt2/tree/main', { id: 'gpt2', revision: 'main' }],
  ])('%s', (text, expected) => { expect(parseHubId(text, endpoint)).toEqual(expected); });

  it.each(['', 'org/name/x', '../x', 'org/..', 'a--b/c', 'org/na me', 'http://evil.org/org/name', 'https://huggingface.co/', 'https://huggingface.co/datasets/org/name', 'org/name/tree/x', 'https://huggingface.co/org/name/tree', 'https://huggingface.co/org/name/blob/main', 'https://huggingface.co/org/name/discussions/1', 'https://huggingface.co/org/name/tree/main/../../x', 'https://huggingface.co/org/name/tree/main/%2e%2e/x', 'org/-x', 'a/b\0', `a/${'x'.repeat(200)}`])('%j is none', (text) => {
    expect(() => parseHubId(text, endpoint)).toThrow(InputError);
  });

  it('has an address that is read back', () => {
    for (const named of [{ id: 'org/name' }, { id: 'org/name', revision: 'refs/pr/3' }, { id: 'org/name', revision: 'main', folder: 'layers.0/seed 1#2' }]) expect(parseHubId(hubAddress(named, endpoint), endpoint)).toEqual(named);
  });

  it('is never a path', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.constantFrom('a', '..', '/', 'x').map((part) => `${part}/${part}`)), (text) => {
      try {
        const { id } = parseHubId(text, endpoint);
        expect(id).toMatch(/^[\w][\w.-]*(?:\/[\w][\w.-]*)?$/);
        expect(id).not.toContain('..');
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }), { seed: 1, numRuns: 2000 });
  });
});

it('revisions are those of git', () => {
  for (const good of ['main', 'v1.0', 'refs/pr/1', 'a'.repeat(40), 'fp16-onnx']) expect(checkRevision(good, endpoint)).toBe(good);
  for (const bad of ['', '..', 'a..b', '/x', 'x/', '-x', 'a b', 'a\0', '@{x', 'x'.repeat(300)]) expect(() => checkRevision(bad, endpoint)).toThrow(InputError);
});

it('HF_ENDPOINT is an address without a name or password', () => {
  expect(hubEndpoint({}).href).toBe('https://huggingface.co/');
  expect(hubEndpoint({ HF_ENDPOINT: '' }).href).toBe('https://huggingface.co/');
  expect(hubEndpoint({ HF_ENDPOINT: 'https://mirror.example.org/hf' }).href).toBe('https://mirror.example.org/hf/');
  for (const bad of ['mirror', 'file:///x', 'ftp://x/', 'https://user:pass@x/']) expect(() => hubEndpoint({ HF_ENDPOINT: bad })).toThrow(InputError);
  expect(() => hubEndpoint({ HF_ENDPOINT: 'https://user:pass@x/' })).not.toThrow(/pass@/);
});

describe('the token', () => {
  it('is found where the hub\'s own tools look', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'token'), 'hf_file\n');
    expect(await findToken({ HF_TOKEN: 'hf_one', HF_HOME: folder })).toEqual({ value: 'hf_one', from: 'HF_TOKEN' });
    expect(await findToken({ HF_TOKEN: ' ', HUGGING_FACE_HUB_TOKEN: 'hf_two', HF_HOME: folder })).toEqual({ value: 'hf_two', from: 'HUGGING_FACE_HUB_TOKEN' });
    expect(await findToken({ HF_HOME: folder })).toEqual({ value: 'hf_file', from: join(folder, 'token') });
    expect(await findToken({ HF_TOKEN_PATH: join(folder, 'token'), HF_HOME: '/nowhere' })).toMatchObject({ value: 'hf_file' });
    expect(await findToken({ HF_HOME: join(folder, 'none') })).toBeUndefined();
  });

  it('is not shown where it is none', async () => {
    await expect(findToken({ HF_TOKEN: 'secret with\nlines' })).rejects.toSatisfy((error) => error instanceof InputError && !error.describe().includes('secret'));
  });
});

describe('globs', () => {
  it.each([
    ['unet/**', 'unet/a/b', true], ['unet/**', 'unet', true], ['unet/', 'unet/a', true], ['unet/*', 'unet/a/b', false], ['**/*.pt', 'a/b/ae.pt', true], ['**/*.pt', 'ae.pt', true], ['*.pt', 'a/ae.pt', false],
    ['a?/x', 'ab/x', true], ['*_k10_*/**', 'unet.down_k10_hidden/final/x', true], ['a, b/**', 'b/c', true], ['', 'a', false], ['a.b', 'axb', false],
  ])('%j on %s', (pattern, path, fits) => { expect(globFilter(pattern)(path)).toBe(fits); });

  it('take no longer than their letters', () => {
    const start = performance.now();
    globFilter(`${'*a'.repeat(100)}b`)('a'.repeat(200));
    globFilter(`${'**/a/'.repeat(50)}b`)('a/'.repeat(100));
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('what was pulled in a spec', () => {
  const file = (to: string) => ({ to, path: to, size: 1, checksum: { kind: 'git', hex: '' } } as const);
  it.each([
    ['pipeline', ['unet/model.onnx'], { model: '../models/x' }],
    ['sae', ['cfg.json', 'sae.safetensors'], { saes: ['../models/x'] }],
    ['sae', ['a/sae.safetensors', 'a/cfg.json', 'b/sae.safetensors'], { saes: ['../models/x'] }],
    ['sae', ['a/final/state_dict.pth', 'a/final/mean.pt'], { saes: ['../models/x'] }],
    ['sae', ['q/a/b/c/final/state_dict.pth', 'q/a/b/d/final/state_dict.pth'], { saes: ['../models/x/q/a'] }],
  ] as const)('%s of %j', (kind, paths, expected) => {
    expect(useInSpec({ kind, files: paths.map(file) }, '/w/models/x', '/w/specs')).toEqual(expected);
  });
});
