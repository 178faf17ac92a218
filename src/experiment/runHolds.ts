import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive, ownIdentity } from './processIdentity.ts';

/** Runs that somebody reads: nobody removes them to make room. */
export interface Hold {
  /** Safe to call twice. */
  release(): Promise<void>;
}

/** What another machine holds counts no longer than this: from here nobody can tell whether it still reads. */
const foreignAgeMs = 24 * 3600 * 1000;

/** A file in the folder of holds: the run's folder, whose it is, and a word that sets holds of one process apart. */
const holdName = /^(?<run>[0-9a-f]{32})-(?<host>[0-9a-f]+)-(?<pid>\d+)-(?<started>\d*)-[0-9a-f]+$/;

/**
 * Keep runs from being removed to make room, by this or any other process, until they are released or this process is gone. Where nothing can be written, as in a
 * folder that is only looked at, nothing is held: there nothing is removed either.
 * @param folders of runs, as the store names them
 */
export async function holdRuns(folders: readonly string[]): Promise<Hold> {
  const { host, pid, started } = await ownIdentity();
  const own = `${host}-${pid}-${started}-${randomBytes(6).toString('hex')}`;
  const paths = folders.map((folder) => join(holdFolder(dirname(folder)), `${basename(folder)}-${own}`));
  for (const folder of new Set(paths.map((path) => dirname(path)))) await mkdir(folder, { recursive: true }).catch(() => undefined);
  await Promise.all(paths.map((path) => writeFile(path, '').catch(() => undefined)));
  return { release: async () => { await Promise.all(paths.map((path) => rm(path, { force: true }))); } };
}

/** Names of the runs that are held; what dead processes held is let go. @param root folder of runs */
export async function heldRuns(root: string): Promise<Set<string>> {
  const own = await ownIdentity();
  const held = new Set<string>();
  for (const name of await readdir(holdFolder(root)).catch(() => [])) {
    const hold = holdName.exec(name)?.groups;
    if (hold === undefined) continue;
    const path = join(holdFolder(root), name);
    const alive = hold.host === own.host
      ? await isAlive({ host: hold.host, pid: Number(hold.pid), started: hold.started })
      : await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs < foreignAgeMs, () => false);
    if (alive) held.add(hold.run);
    else await rm(path, { force: true });
  }
  return held;
}

/** Beside the runs, not among them: whoever lists runs need not look at it. */
function holdFolder(root: string): string {
  return join(dirname(root), 'open');
}
