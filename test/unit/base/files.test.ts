import { execFileSync } from 'node:child_process';
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../../src/base/atomicFile.ts';
import { InputError } from '../../../src/base/errors.ts';
import { fileError, readFileBytes } from '../../../src/base/fileBytes.ts';
import { resolveInside } from '../../../src/base/insideFolder.ts';
import { readJsonFile } from '../../../src/base/jsonFile.ts';
import { sha256File, sha256Text } from '../../../src/base/sha256.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

describe('writing', () => {
  it('replaces a file and leaves nothing beside it', async () => {
    const folder = await temporaryFolder();
    await writeFileAtomic(join(folder, 'a'), 'one');
    await writeFileAtomic(join(folder, 'a'), Uint8Array.of(0x74, 0x77, 0x6f));
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('two');
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('leaves nothing behind when it cannot finish', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'taken', 'inside'), { recursive: true });
    await expect(writeFileAtomic(join(folder, 'taken'), 'x')).rejects.toThrow();
    await expect(writeFileAtomic(join(folder, 'missing', 'x'), 'x')).rejects.toThrow(InputError);
    expect(await readdir(folder)).toEqual(['taken']);
  });

  it('says that the disk is full, and what to do', () => {
    expect(fileError(Object.assign(new Error(), { code: 'ENOSPC' }), 'run.json')).toMatchObject({ message: 'disk full', file: 'run.json' });
  });
});

describe('reading', () => {
  it('names a missing file, a folder and a file beyond the limit', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'big'), new Uint8Array(100));
    for (const [path, most] of [[join(folder, 'none'), 99], [folder, 99], [join(folder, 'big'), 99]] as const) {
      await expect(readFileBytes(path, most)).rejects.toThrow(InputError);
    }
    expect((await readFileBytes(join(folder, 'big'), 100)).length).toBe(100);
  });

  it.skipIf(process.platform === 'win32')('does not wait for a pipe', async () => {
    const path = join(await temporaryFolder(), 'pipe');
    execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
    await expect(readFileBytes(path)).rejects.toThrow('is not a file');
  });

  it('tells line and column of an error in JSON', async () => {
    const path = join(await temporaryFolder(), 'a.json');
    await writeFile(path, '{\n  "a": 1,\n  "b": nope\n}');
    await expect(readJsonFile(path)).rejects.toThrow(expect.objectContaining({ file: path, place: '3:8' }) as Error);
    await writeFile(path, '{"a": [1, 2]}');
    expect(await readJsonFile(path)).toEqual({ a: [1, 2] });
    await expect(readJsonFile(path, { maxBytes: 3 })).rejects.toThrow(InputError);
  });

  it('says so of brackets that nest deeper than a stack', async () => {
    const path = join(await temporaryFolder(), 'deep.json');
    await writeFile(path, '['.repeat(200_000));
    await expect(readJsonFile(path)).rejects.toThrow(InputError);
  });

  it('hashes', async () => {
    const path = join(await temporaryFolder(), 'a');
    await writeFile(path, 'abc');
    expect(await sha256File(path)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'); // FIPS 180-4
    expect(sha256Text('abc')).toBe(await sha256File(path));
  });
});

describe('a path inside a folder', () => {
  it('is followed, and may not leave it by any way', async () => {
    const outer = await temporaryFolder();
    const folder = join(outer, 'model');
    await mkdir(folder);
    await writeFile(join(outer, 'secret'), '');
    await writeFile(join(folder, 'weights'), '');
    await symlink(join(outer, 'secret'), join(folder, 'link'));
    expect(await resolveInside(folder, 'weights')).toMatch(/model.weights$/);
    for (const path of ['../secret', join(outer, 'secret'), 'link', 'weights/../../secret', 'none', 'weights\0']) {
      await expect(resolveInside(folder, path)).rejects.toThrow(InputError);
    }
  });
});
