import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readRunFolder } from './readRunFolder.ts';
import { readUnits } from './runUnits.ts';
import type { RunUnit } from './runUnits.ts';

/** Runs that go together, or one that stands alone. */
interface Candidate {
  /** Names of folders. */
  readonly runs: readonly string[];
  /** When the youngest was finished, or they were last asked for together: milliseconds since the epoch. */
  readonly used: number;
  readonly unit: RunUnit | undefined;
}

/** What has to go. */
export interface Doomed {
  /** Names of folders. */
  readonly runs: readonly string[];
  /** Units that go with them. */
  readonly units: readonly RunUnit[];
}

/**
 * The finished runs that have to go, oldest first, so that those left hold at most `limit` bytes, as far as that is possible. Runs of one unit go together, except those
 * that another unit has, too; a unit of which one run stays stays whole.
 * @param root folder of runs. @param keep names of folders that stay
 */
export async function oldestBeyond(root: string, limit: number, keep: ReadonlySet<string>): Promise<Doomed> {
  const sizes = new Map<string, { readonly finished: number; readonly bytes: number }>();
  // One after the other: a store may hold more runs than a process may hold files open.
  for (const name of await readdir(root).catch(() => [])) {
    const run = /^[0-9a-f]{32}$/.test(name) ? await readRunFolder(join(root, name)) : undefined;
    if (run?.kind === 'finished') sizes.set(name, { finished: run.finishedAt.getTime(), bytes: run.bytes });
  }
  const units = await readUnits(root);
  /** In how many units each run is. */
  const uses = new Map<string, number>();
  for (const name of units.flatMap(({ runs }) => runs)) uses.set(name, (uses.get(name) ?? 0) + 1);

  const candidates: Candidate[] = [
    ...units.map((unit) => ({ runs: unit.runs, used: unit.runs.reduce((latest, name) => Math.max(latest, sizes.get(name)?.finished ?? 0), unit.used), unit })),
    ...[...sizes].filter(([name]) => !uses.has(name)).map(([name, { finished }]) => ({ runs: [name], used: finished, unit: undefined })),
  ];
  let total = [...sizes.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const doomed: { runs: string[]; units: RunUnit[] } = { runs: [], units: [] };
  for (const { runs, unit } of candidates.sort((a, b) => a.used - b.used)) {
    if (total <= limit) break;
    if (runs.some((name) => keep.has(name))) continue;
    if (unit !== undefined) doomed.units.push(unit);
    for (const name of runs) {
      const left = (uses.get(name) ?? 1) - 1;
      uses.set(name, left);
      const size = sizes.get(name);
      if (left > 0 || size === undefined) continue;
      doomed.runs.push(name);
      total -= size.bytes;
    }
  }
  return doomed;
}
