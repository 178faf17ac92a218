import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readRunFolder } from './readRunFolder.ts';

/** A finished run of a store. */
interface SizedRun {
  /** Name of its folder. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly finished: number;
  readonly bytes: number;
}

/**
 * The finished runs that have to go, oldest first, so that those left hold at most `limit` bytes, as far as that is possible.
 * @param root folder of runs. @param keep names of folders that stay. @returns names of folders
 */
export async function oldestBeyond(root: string, limit: number, keep: ReadonlySet<string>): Promise<string[]> {
  const runs: SizedRun[] = [];
  // One after the other: a store may hold more runs than a process may hold files open.
  for (const name of await readdir(root).catch(() => [])) {
    const run = /^[0-9a-f]{32}$/.test(name) ? await sizeOfRun(root, name) : undefined;
    if (run !== undefined) runs.push(run);
  }
  let total = runs.reduce((sum, { bytes }) => sum + bytes, 0);
  const doomed: string[] = [];
  for (const { name, bytes } of runs.sort((a, b) => a.finished - b.finished)) {
    if (total <= limit) break;
    if (keep.has(name)) continue;
    doomed.push(name);
    total -= bytes;
  }
  return doomed;
}

/** Size and age of a finished run; undefined for anything else, whatever it claims to be. */
async function sizeOfRun(root: string, name: string): Promise<SizedRun | undefined> {
  const run = await readRunFolder(join(root, name));
  return run?.kind === 'finished' ? { name, finished: run.finishedAt.getTime(), bytes: run.bytes } : undefined;
}
