import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pruneMemories } from '../../../src/study/pruneMemories.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

test('what was found out about runs goes oldest first, from both stores, as far as it has to', async () => {
  const dmi = await temporaryFolder();
  expect(await pruneMemories(dmi, 0)).toEqual([]);
  const cache = join(dmi, 'cache');
  for (const [index, file] of ['findings/b.json', 'health/a.json', 'findings/c.json', 'previews.json'].entries()) {
    await mkdir(join(cache, 'findings'), { recursive: true });
    await mkdir(join(cache, 'health'), { recursive: true });
    await writeFile(join(cache, file), 'x'.repeat(100));
    await utimes(join(cache, file), 1000 + index, 1000 + index);
  }
  expect(await pruneMemories(dmi, 300)).toEqual([]);
  expect(await pruneMemories(dmi, 150)).toEqual([join(cache, 'findings', 'b.json'), join(cache, 'health', 'a.json')]);
  expect(await readdir(join(cache, 'findings'))).toEqual(['c.json']);
  await pruneMemories(dmi, 0);
  expect(await readdir(cache)).toEqual(['findings', 'health', 'previews.json']); // what else is kept there stays
});
