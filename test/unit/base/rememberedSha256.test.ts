import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rememberedSha256 } from '../../../src/base/rememberedSha256.ts';

describe('hashes of large files', () => {
  let folder: string;
  let file: string;
  let memory: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dmi-hashes-'));
    [file, memory] = [join(folder, 'weights'), join(folder, 'cache', 'hashes.json')];
  });
  afterEach(() => rm(folder, { recursive: true }));

  const sum = (text: string): string => createHash('sha256').update(text).digest('hex');
  const hash = (least = 1): Promise<string> => rememberedSha256(file, { memory, least });
  /** As written an hour ago; `ctime` cannot be set, so the clock goes on instead. */
  const settle = async (text: string): Promise<void> => {
    await writeFile(file, text);
    const before = new Date(Date.now() - 3_600_000);
    await utimes(file, before, before);
  };
  const kept = async (): Promise<[string, string][]> => (JSON.parse(await readFile(memory, 'utf8')) as { hashes: [string, string][] }).hashes;

  it('are right, and not kept of a file that has just been written', async () => {
    await settle('abc'); // its ctime is now
    expect(await hash()).toBe(sum('abc'));
    await expect(readFile(memory)).rejects.toThrow();
  });

  it('are kept of one that has settled, and taken anew when it changes', async () => {
    await settle('abc');
    await later(async () => {
      expect(await hash()).toBe(sum('abc'));
      const [[stamp]] = await kept();
      await writeFile(memory, JSON.stringify({ format: 1, hashes: [[stamp, sum('other')]] }));
      expect(await hash(), 'what is remembered counts').toBe(sum('other'));
      expect(await hash(4), 'a small file is read').toBe(sum('abc'));
      await settle('abd');
      expect(await hash(), 'a changed file is read').toBe(sum('abd'));
    });
  });

  it('are taken anew where what was kept is damaged', async () => {
    await settle('abc');
    await later(async () => {
      await hash();
      await writeFile(memory, '{"format":1,"hashes":[["x"]]}');
      expect(await hash()).toBe(sum('abc'));
      expect(await kept()).toHaveLength(1);
    });
  });

  it('of a missing file are an error that names it', async () => {
    await expect(hash()).rejects.toMatchObject({ file });
  });
});

/** Do something a minute later. */
async function later(work: () => Promise<void>): Promise<void> {
  const now = Date.now;
  Date.now = () => now() + 60_000;
  try {
    await work();
  } finally {
    Date.now = now;
  }
}
