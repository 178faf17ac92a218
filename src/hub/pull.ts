import { copyFile, mkdir, readdir, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureFolder } from '../base/ensureFolder.ts';
import { InputError } from '../base/errors.ts';
import { fileError } from '../base/fileBytes.ts';
import { phrase } from '../base/phrase.ts';
import { claim } from '../base/processLock.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import { fetchBlob, isWhole, type FetchContext } from './fetchBlob.ts';
import { ConnectionError } from './hubFaults.ts';
import { unreachable, type HubClient } from './hubClient.ts';
import type { PullPlan } from './planPull.ts';
import { manifestName, manifestOf } from './pullManifest.ts';
import { checkOwn, checkRealFolder, checkSpace, holdsPlan, isOwnPart, makeRoom } from './pullTarget.ts';
import type { PlannedFile } from './repositoryParts.ts';

export interface PullOptions {
  readonly signal?: AbortSignal;
  /** @param loaded bytes of the plan that are there; falls back where some had to be given up */
  readonly onProgress?: (loaded: number) => void;
}

/** Files at once: small ones wait for answers, large ones for the line. */
const atOnce = 4;

/**
 * Fetch what was planned. Contents are gathered in `<target>.partial` under names that nothing reads (`sha256-...`); once all are there and have the right checksums they get their places, and the folder its name.
 * What was interrupted goes on there the next time, also where the repository has changed in between: contents that stayed are not fetched again.
 * @param target absolute, as `realTarget` gives it
 * @returns whether anything had to be fetched @throws InputError where it cannot be, or another process is at it; CancelledError
 */
export async function pull(hub: HubClient, plan: PullPlan, target: string, { signal, onProgress }: PullOptions = {}): Promise<boolean> {
  const work = `${target}.partial`;
  const around = dirname(target);
  const wasThere = await stat(around).then(() => true, () => false);
  await ensureFolder(around);
  await mkdir(work).catch((error: unknown) => { if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(error, work); });
  await checkRealFolder(work);
  const lock = await claim(work, 'pull');
  if (lock === undefined) throw new InputError(phrase`is being downloaded already`, { file: target, remedy: phrase`Wait for that download, or cancel it where it was started.` });
  let fetched = false;
  try {
    await checkOwn(work);
    if (!await holdsPlan(target, plan, signal)) {
      fetched = true;
      await gather(hub, plan, work, { signal, onProgress });
      await assemble(hub, plan, work);
      await makeRoom(target);
      await rename(join(work, 'tree'), target);
    }
    for (const name of await readdir(work)) if (isOwnPart(name)) await rm(join(work, name), { recursive: true, force: true });
  } catch (error) {
    throw error instanceof ConnectionError ? unreachable(error) : fileError(error, target);
  } finally {
    await lock.release();
    if (await leftOver(work) === 0) await rmdir(work).catch(() => undefined);
    if (!wasThere) await rmdir(around).catch(() => undefined); // nothing came of it, or it is not empty
  }
  return fetched;
}

/** Bytes of a plan that an earlier attempt has left; not checked yet. @param target as for `pull` */
export async function pulledBefore(plan: PullPlan, target: string): Promise<number> {
  const sizes = await Promise.all(distinct(plan.files).map(async (file) => {
    const path = join(`${target}.partial`, blobName(file));
    return Math.min(file.size, await sizeOf(path) ?? await sizeOf(`${path}.part`) ?? 0);
  }));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Every content of the plan, whole and checked, below `work`. The first that fails ends the others. */
async function gather(hub: HubClient, plan: PullPlan, work: string, { signal, onProgress }: { signal: AbortSignal | undefined; onProgress: PullOptions['onProgress'] | undefined }): Promise<void> {
  await salvage(plan, work);
  const contents = distinct(plan.files).sort((a, b) => b.size - a.size);
  const twins = plan.bytes - contents.reduce((sum, { size }) => sum + size, 0);
  await checkSpace(work, plan.bytes - await pulledBefore(plan, work.slice(0, -'.partial'.length)));
  let loaded = twins;
  const end = new AbortController();
  const both = signal === undefined ? end.signal : AbortSignal.any([signal, end.signal]);
  const context: FetchContext = {
    hub, id: plan.id, commit: plan.commit, signal: both,
    onBytes: (change) => {
      loaded += change;
      onProgress?.(loaded);
    },
  };
  let failure: unknown;
  const queue = contents.values();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (const file of queue) {
      if (both.aborted) return;
      try {
        await gatherOne(file, join(work, blobName(file)), context);
      } catch (error) {
        failure ??= error;
        end.abort();
      }
    }
  }));
  if (failure !== undefined) throw failure as Error;
  throwIfCancelled(signal);
}

async function gatherOne(file: PlannedFile, path: string, context: FetchContext): Promise<void> {
  if (await isWhole(path, file, context.signal)) {
    context.onBytes?.(file.size);
    return;
  }
  await rm(path, { force: true, recursive: true });
  await fetchBlob(file, path, context);
}

/** Give the contents their places in `<work>/tree`; what can fill the disk comes first. Equal ones are there once, and are copied for all places but the last. */
async function assemble(hub: HubClient, plan: PullPlan, work: string): Promise<void> {
  const tree = join(work, 'tree');
  await mkdir(tree);
  for (const folder of new Set(plan.files.map(({ to }) => dirname(to)))) await mkdir(join(tree, folder), { recursive: true });
  const last = new Map(plan.files.map((file) => [blobName(file), file]));
  for (const file of plan.files) if (last.get(blobName(file)) !== file) await copyFile(join(work, blobName(file)), join(tree, file.to));
  await writeFile(join(tree, manifestName), `${JSON.stringify(manifestOf(plan, hub.endpoint), undefined, 1)}\n`);
  await writeFile(join(tree, '.gitignore'), '*\n'); // gigabytes that can be pulled again do not belong in a repository
  for (const file of last.values()) await rename(join(work, blobName(file)), join(tree, file.to));
}

/** An attempt that ended at the last moment has left contents in their places: they go back under their names, to be checked like all others. */
async function salvage(plan: PullPlan, work: string): Promise<void> {
  const tree = join(work, 'tree');
  for (const file of distinct(plan.files)) {
    const place = join(tree, file.to);
    const own = await realpath(place).then((real) => real === place, () => false); // no link leads elsewhere
    if (own) await rename(place, join(work, blobName(file))).catch(() => undefined);
  }
  await rm(tree, { recursive: true, force: true });
}

function distinct(files: readonly PlannedFile[]): PlannedFile[] {
  return [...new Map(files.map((file) => [blobName(file), file])).values()];
}

function blobName({ size, checksum }: PlannedFile): string {
  return `${checksum.kind}-${checksum.hex}-${size}`;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(({ size }) => size, () => undefined);
}

/** Entries besides a lock. */
async function leftOver(work: string): Promise<number> {
  return (await readdir(work).catch(() => [])).filter((name) => !name.startsWith('pull.lock')).length;
}
