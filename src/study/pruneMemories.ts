import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listFolder } from '../base/listFolder.ts';

/** What runs were found to be, beside them: see `FindingsStore` and `RunMemory`. */
const folders = ['findings', 'health'];

/** Beyond this many files of a folder the rest waits for the next time. */
const mostFiles = 100_000;

/**
 * Remove the oldest of what was found out about runs until all together hold at most `limit` bytes. What is gone is measured anew when it is asked for.
 * @param dmi the folder `.dmi` beside the spec. @returns the files removed
 */
export async function pruneMemories(dmi: string, limit: number): Promise<string[]> {
  const files: { readonly path: string; readonly bytes: number; readonly written: number }[] = [];
  for (const folder of folders.map((name) => join(dmi, 'cache', name))) {
    // One after the other: there may be more files than a process may ask about at once.
    for (const { name } of (await listFolder(folder, mostFiles)).filter((entry) => entry.isFile())) {
      const path = join(folder, name);
      const status = await stat(path).catch(() => undefined);
      if (status !== undefined) files.push({ path, bytes: status.size, written: status.mtimeMs });
    }
  }
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const removed: string[] = [];
  for (const { path, bytes } of files.sort((a, b) => a.written - b.written)) {
    if (total <= limit) break;
    await rm(path, { force: true });
    total -= bytes;
    removed.push(path);
  }
  return removed;
}
