import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as Type from 'typebox';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { hasShape } from '../base/checkShape.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { isAlive, ownIdentity } from '../base/processIdentity.ts';

/** Runs that somebody reads: nobody removes them to make room. */
export interface Hold {
  /** Safe to call twice. */
  release(): Promise<void>;
}

/** What another machine holds counts no longer than this: from here nobody can tell whether it still reads. */
const foreignAgeMs = 24 * 3600 * 1000;

/** A file in the folder of holds: whose it is, and a word that sets holds of one process apart. It lists the names of the runs' folders. */
const holdName = /^(?<host>[0-9a-f]+)-(?<pid>\d+)-(?<started>\d*)-[0-9a-f]+\.json$/;
const HoldFile = Type.Array(Type.String());

/**
 * Keep runs from being removed to make room, by this or any other process, until they are released or this process is gone. Where nothing can be written, as in a
 * folder that is only looked at, nothing is held: there nothing is removed either.
 * @param root folder of runs. @param names of the runs' folders
 */
export async function holdRuns(root: string, names: readonly string[]): Promise<Hold> {
  const { host, pid, started } = await ownIdentity();
  const path = join(holdFolder(root), `${host}-${pid}-${started}-${randomBytes(6).toString('hex')}.json`);
  await mkdir(holdFolder(root), { recursive: true }).then(() => writeFileAtomic(path, JSON.stringify(names))).catch(() => undefined);
  return { release: () => rm(path, { force: true }) };
}

/** Names of the runs that are held; what dead processes held is let go. @param root folder of runs */
export async function heldRuns(root: string): Promise<Set<string>> {
  const own = await ownIdentity();
  const held = new Set<string>();
  for (const name of await readdir(holdFolder(root)).catch(() => [])) {
    const holder = holdName.exec(name)?.groups;
    if (holder === undefined) continue;
    const path = join(holdFolder(root), name);
    const alive = holder.host === own.host
      ? await isAlive({ host: holder.host, pid: Number(holder.pid), started: holder.started })
      : await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs < foreignAgeMs, () => false);
    if (alive) for (const run of await namesIn(path)) held.add(run);
    else await rm(path, { force: true });
  }
  return held;
}

async function namesIn(path: string): Promise<string[]> {
  const names = await readJsonFile(path).catch(() => undefined);
  return hasShape(HoldFile, names) ? names : [];
}

/** Beside the runs, not among them: whoever lists runs need not look at it. */
function holdFolder(root: string): string {
  return join(dirname(root), 'open');
}
