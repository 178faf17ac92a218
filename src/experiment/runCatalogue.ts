import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { resolveInside } from '../base/insideFolder.ts';
import { listFolder } from '../base/listFolder.ts';
import { readRunFolder } from './readRunFolder.ts';
import type { RunEntry, RunSummary } from './readRunFolder.ts';

/** Runs that differ only in their seed: the answers to one question. */
export interface Question {
  /** The same for equal questions. */
  readonly key: string;
  /** Newest first; at least one. */
  readonly runs: readonly RunSummary[];
}

/** A folder may hold any number of folders; beyond this the rest is not looked at. */
const mostRuns = 10_000;

/** Folders read at the same time: enough to keep a disk busy, few enough to leave the process to others in between. */
const readers = 4;

/** File systems tell times in ticks: a change this soon after a reading may bear the same time as what was read. */
const tickMs = 2000;

/** The names that a run store gives. */
const runName = /^[0-9a-f]{32}$/;

/** A list as it was read. */
interface Reading {
  /** When the folder of runs had last changed, and when it was read. */
  readonly changed: number;
  readonly read: number;
  readonly runs: readonly RunEntry[];
}

/** Lists the runs beside specs, and remembers what it has read: a finished run never changes. */
export class RunCatalogue {
  readonly #lists = new Map<string, Reading>();
  readonly #runs = new Map<string, { stamp: string; run: RunSummary }>();

  /**
   * Every run in `.dmi/runs` of a folder of specs: the finished ones, newest first, then what is damaged. What is still being written, links, and
   * whatever else lies there are passed over, as is a `.dmi/runs` that is a link out of the folder.
   * @param specFolder absolute; it begins the paths of the runs as it is given
   */
  async list(specFolder: string): Promise<readonly RunEntry[]> {
    const root = join(specFolder, '.dmi', 'runs');
    const read = Date.now();
    const changed = await liesInside(specFolder) ? (await lstat(root).catch(() => undefined))?.mtimeMs : undefined;
    if (changed === undefined) return [];
    const known = this.#lists.get(root);
    if (known?.changed === changed && known.read > changed + tickMs) return known.runs;

    const entries = await listFolder(root, mostRuns);
    const waiting = entries.filter((entry) => entry.isDirectory() && runName.test(entry.name)).values();
    const runs: RunEntry[] = [];
    await Promise.all(Array.from({ length: readers }, async () => {
      for (const { name } of waiting) {
        const run = await this.#read(join(root, name));
        if (run !== undefined) runs.push(run);
      }
    }));
    runs.sort(newestFirst);
    this.#lists.set(root, { changed, read, runs });
    return runs;
  }

  /** Read everything anew when it is asked for next: files inside of a run may have changed. */
  forget(): void {
    this.#lists.clear();
    this.#runs.clear();
  }

  async #read(folder: string): Promise<RunEntry | undefined> {
    const status = await lstat(join(folder, 'run.json')).catch(() => undefined);
    const stamp = status === undefined ? '' : `${status.mtimeMs} ${status.ctimeMs} ${status.size}`;
    const known = this.#runs.get(folder);
    if (known?.stamp === stamp) return known.run;
    const run = await readRunFolder(folder);
    if (run?.kind === 'finished') this.#runs.set(folder, { stamp, run });
    else this.#runs.delete(folder);
    return run;
  }
}

/** Whether a path is one that a run store gives to a run: `<spec folder>/.dmi/runs/<hash>`. */
export function isRunFolder(path: string): boolean {
  return /[/\\]\.dmi[/\\]runs[/\\][0-9a-f]{32}$/.test(path);
}

/** Put runs together that differ only in their seed; the question answered last comes first. @param runs of one folder */
export function groupByQuestion(runs: Iterable<RunSummary>): Question[] {
  const byKey = new Map<string, RunSummary[]>();
  for (const run of runs) {
    const group = byKey.get(run.question);
    if (group === undefined) byKey.set(run.question, [run]);
    else group.push(run);
  }
  return [...byKey]
    .map(([key, group]) => ({ key, runs: group.sort(newestFirst) }))
    .sort((a, b) => newestFirst(a.runs[0], b.runs[0]));
}

/** The newest finished run first, damaged ones last; among equals by folder, so that the order is always the same. */
export function newestFirst(a: RunEntry, b: RunEntry): number {
  const byTime = timeOf(b) - timeOf(a);
  return Number.isNaN(byTime) || byTime === 0 ? (a.folder < b.folder ? -1 : 1) : byTime;
}

function timeOf(run: RunEntry): number {
  return run.kind === 'finished' ? run.finishedAt.getTime() : -Infinity;
}

/** Whether `.dmi/runs` of a folder is there, and no link out of it. */
async function liesInside(specFolder: string): Promise<boolean> {
  try {
    await resolveInside(specFolder, join('.dmi', 'runs'));
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
