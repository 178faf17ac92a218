import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileBatch, writeDurably } from './fileBatch.ts';
import type { WriteFile } from './fileBatch.ts';
import { oldestBeyond } from './oldestRuns.ts';
import { isAlive, ownIdentity } from '../base/processIdentity.ts';
import type { ProcessIdentity } from '../base/processIdentity.ts';
import { checkRunFolder } from './readRunFolder.ts';
import { heldRuns, holdRuns } from './runHolds.ts';
import type { Hold } from './runHolds.ts';
import { claim, removeDeadLocks } from '../base/processLock.ts';
import type { ProcessLock } from '../base/processLock.ts';
import type { RunManifest } from './runManifest.ts';
import { dissolve, keepTogether } from './runUnits.ts';

/** What a manifest says beside the files themselves. */
export type RunRecord = Omit<RunManifest, 'files'>;

/** A run that is being written beside its final name. */
export interface PendingRun {
  /** Add a file, e.g. `previews/step-000.png`, whose content may still be in the making; it is written while the run goes on. */
  add(name: string, content: Uint8Array | string | Promise<Uint8Array>): void;
  /** Add a file that is the same as one of a finished run, sharing its place on the disk where the disk can. @param from of the finished run */
  share(name: string, from: string): void;
  /** Wait until every file added so far is on the disk. @throws InputError when one could not be written */
  flushed(): Promise<void>;
  /**
   * Wait for the files, add `run.json`, and give the folder its final name.
   * @returns the finished run; another process' where it was faster with the same one. @throws InputError as `flushed`
   */
  commit(record: RunRecord): Promise<StoredRun>;
  /** Remove everything written so far. */
  abandon(): Promise<void>;
}

/** A finished run. */
export interface StoredRun {
  readonly folder: string;
  readonly manifest: RunManifest;
}

/** What another machine leaves is removed only when this old: from here nobody can tell whether it still works. */
const foreignAgeMs = 24 * 3600 * 1000;

/** The folder of content-addressed runs. A folder with a final name is complete; `.partial-*` belongs to the process it names. */
export class RunStore {
  readonly #root: string;
  readonly #write: WriteFile;

  private constructor(root: string, write: WriteFile) {
    this.#root = root;
    this.#write = write;
  }

  /** Open the store at `root` (created with the first run) and remove what crashed processes left. */
  static async open(root: string, write: WriteFile = writeDurably): Promise<RunStore> {
    await removeAbandoned(root);
    await removeDeadLocks(lockFolder(root));
    return new RunStore(root, write);
  }

  /** Where the run with this key stands or will stand. */
  folderOf(key: string): string {
    return join(this.#root, folderName(key));
  }

  /** The finished run with this key; undefined where there is none, or where its manifest is another's, or files of it are missing, cut, or links. */
  async find(key: string): Promise<StoredRun | undefined> {
    const run = await checkRunFolder(this.folderOf(key));
    return run?.kind === 'checked' && run.manifest.key === key ? { folder: run.folder, manifest: run.manifest } : undefined;
  }

  /**
   * Remove the oldest finished runs until all together hold at most `limit` bytes, as far as that is possible without those of `keep`, those that any process holds, and
   * those that belong together with one of them. Files that runs share count with each.
   * @param keep keys. @returns folders of the removed runs
   */
  async prune(limit: number, keep: Iterable<string>): Promise<string[]> {
    const removed: string[] = [];
    const doomedRuns = await oldestBeyond(this.#root, limit, new Set([...Array.from(keep, folderName), ...await heldRuns(this.#root)]));
    for (const unit of doomedRuns.units) await dissolve(unit);
    for (const name of doomedRuns.runs) {
      // Its final name goes first: what an interruption leaves of it is not read as a result.
      const doomed = join(this.#root, partialName(name, await ownIdentity()));
      const gone = await rename(join(this.#root, name), doomed).then(() => true, () => false); // another process was faster
      if (!gone) continue;
      await rm(doomed, { recursive: true, force: true });
      removed.push(join(this.#root, name));
    }
    return removed;
  }

  /** Keep runs, stored or to come, from being pruned by any process until they are released, or this process is gone. @param keys of runs */
  async hold(keys: Iterable<string>): Promise<Hold> {
    return holdRuns(this.#root, Array.from(keys, folderName));
  }

  /**
   * Let runs be pruned together or not at all, as those behind one outcome.
   * @param name the same again replaces the former, and counts as a use. @param keys of runs. @throws InputError
   */
  async keepTogether(name: string, keys: Iterable<string>): Promise<void> {
    await keepTogether(this.#root, name, [...new Set(Array.from(keys, folderName))]);
  }

  /**
   * Claim the run with this key for this process.
   * @returns undefined while another process that lives computes it. @throws InputError on a full disk, or a lacking right
   */
  async lock(key: string): Promise<ProcessLock | undefined> {
    return claim(lockFolder(this.#root), folderName(key));
  }

  /** Start writing the run with this key. @throws InputError when the folder cannot be made */
  async begin(key: string): Promise<PendingRun> {
    const partial = join(this.#root, partialName(key, await ownIdentity()));
    const batch = await FileBatch.create(partial, this.#write);
    return {
      add: (name, content) => { batch.add(name, content); },
      share: (name, from) => { batch.share(name, from); },
      flushed: () => batch.flushed(),
      abandon: () => batch.remove(),
      commit: async (record) => {
        await batch.flushed();
        const manifest = { ...record, files: batch.files() };
        batch.add('run.json', `${JSON.stringify(manifest, undefined, 2)}\n`);
        await batch.flushed();
        const earlier = await this.#finish(partial, key);
        if (earlier !== undefined) await batch.remove();
        return earlier ?? { folder: this.folderOf(key), manifest };
      },
    };
  }

  /** Give a folder its final name. @returns the run that another process finished under it in the meantime; then nothing was renamed */
  async #finish(partial: string, key: string): Promise<StoredRun | undefined> {
    const final = this.folderOf(key);
    await Promise.all([join(partial, 'previews'), partial].map(syncFolder));
    try {
      await rename(partial, final); // never replaces a folder that holds something
    } catch {
      const faster = await this.find(key);
      if (faster !== undefined) return faster;
      await rm(final, { recursive: true, force: true }); // a damaged run: find() does not accept it
      await rename(partial, final);
    }
    await syncFolder(this.#root);
    return undefined;
  }
}

/** Beside the runs, not among them: whoever lists runs need not look at it. */
function lockFolder(root: string): string {
  return join(dirname(root), 'locks');
}

/** The first half of a key names its folder. */
function folderName(key: string): string {
  return key.slice(0, 32);
}

function partialName(key: string, { host, pid, started }: ProcessIdentity): string {
  return `.partial-${folderName(key)}-${host}-${pid}-${started}`;
}

/** Remove the partial runs under `root` whose process is gone. */
async function removeAbandoned(root: string): Promise<void> {
  const own = await ownIdentity();
  for (const name of await readdir(root).catch(() => [])) {
    const owner = /^\.partial-[0-9a-f]+-(?<host>[0-9a-f]+)-(?<pid>\d+)-(?<started>\d*)$/.exec(name)?.groups;
    if (owner === undefined) continue;
    const path = join(root, name);
    const abandoned = owner.host === own.host
      ? !await isAlive({ host: owner.host, pid: Number(owner.pid), started: owner.started })
      : Date.now() - (await stat(path)).mtimeMs > foreignAgeMs;
    if (abandoned) await rm(path, { recursive: true, force: true });
  }
}

/** Flush a folder's entries, so that a rename survives a power cut; systems that cannot open folders do without. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
