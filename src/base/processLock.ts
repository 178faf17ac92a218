import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { hasShape } from './checkShape.ts';
import { fileError } from './fileBytes.ts';
import { isAlive, ownIdentity, ProcessIdentity } from './processIdentity.ts';

/** That one process makes something (a run, a download), so that others leave it alone. */
export interface ProcessLock {
  /** Safe to call twice. */
  release(): Promise<void>;
}

/** Whoever holds a lock says so this often. */
const heartbeatMs = 60_000;

/** From another machine nobody can tell whether a process lives: a lock that has not been renewed for this long is dead. */
const foreignAgeMs = 10 * heartbeatMs;

/** A lock is made empty and written at once; one that is still empty after this long was left by a crash in between. */
const unwrittenMs = 10_000;

/**
 * Claim what has a name, wherever the folder lies: on the same machine a lock dies with its process, from another machine (a folder on a network) with its age.
 * @param folder of locks; made if missing. @param name of what is made, e.g. the folder of a run
 * @returns undefined where a living process holds it. @throws InputError on a full disk, or a lacking right
 */
export async function claim(folder: string, name: string): Promise<ProcessLock | undefined> {
  const path = join(folder, `${name}.lock`);
  try {
    await mkdir(folder, { recursive: true });
    // A second time after a dead one has been removed; where another process was faster, that is its lock now.
    return await createLock(path) ?? (await removeDead(path) ? await createLock(path) : undefined);
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Remove the locks of processes that are gone; of things that were finished nobody would ask for them again. @param folder of locks */
export async function removeDeadLocks(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (name.endsWith('.lock')) await removeDead(path);
    else if (name.endsWith('.guard') && await ageOf(path) > unwrittenMs) await rm(path, { force: true });
  }
}

async function createLock(path: string): Promise<ProcessLock | undefined> {
  const handle = await open(path, 'wx').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  // Names this very lock: two of one process must not take each other's away.
  const text = JSON.stringify({ ...await ownIdentity(), lock: randomBytes(8).toString('hex') });
  try {
    await handle.writeFile(text);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  const heart = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, heartbeatMs).unref();
  return {
    release: async () => {
      clearInterval(heart);
      if (await readText(path) === text) await rm(path, { force: true });
    },
  };
}

/**
 * Remove a lock whose process is gone. Several may find it dead at the same time, and a slower one must not remove the lock that a faster one has made since: only
 * who holds the guard beside it may remove it, and looks again before it does.
 * @returns whether there is none any more
 */
async function removeDead(path: string): Promise<boolean> {
  if (!await isDead(path)) return false;
  const guard = `${path}.guard`;
  if (!await createEmpty(guard)) {
    if (await ageOf(guard) > unwrittenMs) await rm(guard, { force: true }); // a crash within an instant; the next one who asks finds the way free
    return false;
  }
  try {
    if (!await isDead(path)) return false;
    await rm(path, { force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

async function createEmpty(path: string): Promise<boolean> {
  return open(path, 'wx').then((handle) => handle.close()).then(() => true, () => false);
}

/** Whether nobody holds a lock; one that is not there is as good as dead. */
async function isDead(path: string): Promise<boolean> {
  const text = await readText(path);
  if (text === undefined) return true;
  const holder = parse(text);
  if (holder === undefined) return await ageOf(path) > unwrittenMs;
  return holder.host === (await ownIdentity()).host ? !await isAlive(holder) : await ageOf(path) > foreignAgeMs;
}

/** Milliseconds since a file was last written; of one that is not there, none. */
async function ageOf(path: string): Promise<number> {
  return stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0);
}

function parse(text: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return hasShape(ProcessIdentity, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
