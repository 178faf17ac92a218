import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';

/**
 * The first `most` entries of a folder, in no order; none where it cannot be read. A folder of a million files is never held in memory at once.
 */
export async function listFolder(folder: string, most: number): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder, { bufferSize: 256 })) {
      entries.push(entry);
      if (entries.length >= most) break;
    }
  } catch {
    return [];
  }
  return entries;
}
