import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Value from 'typebox/value';
import { readJsonFile } from '../base/jsonFile.ts';
import { RunManifest } from './runManifest.ts';

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

/** What a manifest says of its run; undefined where it cannot be read. */
async function sizeOfRun(root: string, name: string): Promise<SizedRun | undefined> {
  const path = join(root, name, 'run.json');
  const manifest = await readJsonFile(path).catch(() => undefined);
  if (!Value.Check(RunManifest, manifest)) return undefined;
  const own = await stat(path).catch(() => undefined);
  const finished = Date.parse(manifest.finishedAt);
  return {
    name,
    finished: Number.isNaN(finished) ? 0 : finished,
    bytes: Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, own?.size ?? 0),
  };
}
