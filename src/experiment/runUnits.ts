import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as Type from 'typebox';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { hasShape } from '../base/checkShape.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { sha256Text } from '../base/sha256.ts';

/** Runs that mean something only together, such as those behind the outcome of an experiment. */
export interface RunUnit {
  /** The file that says so. */
  readonly path: string;
  /** Names of the runs' folders. */
  readonly runs: readonly string[];
  /** When it was last asked for: milliseconds since the epoch. */
  readonly used: number;
}

const UnitFile = Type.Object({ format: Type.Literal(1), name: Type.String(), runs: Type.Array(Type.String({ pattern: '^[0-9a-f]{32}$' })) });

const maxBytes = 2 ** 22;

/** Say that runs go together, or not at all. @param root folder of runs. @param name the same unit again replaces it, and makes it young. @throws InputError */
export async function keepTogether(root: string, name: string, runs: readonly string[]): Promise<void> {
  await mkdir(unitFolder(root), { recursive: true });
  await writeFileAtomic(join(unitFolder(root), `${sha256Text(name).slice(0, 32)}.json`), `${JSON.stringify({ format: 1, name, runs }, undefined, 2)}\n`);
}

/** All units of a store; what is damaged is passed over. @param root folder of runs */
export async function readUnits(root: string): Promise<RunUnit[]> {
  const units: RunUnit[] = [];
  for (const name of await readdir(unitFolder(root)).catch(() => [])) {
    if (!/^[0-9a-f]{32}\.json$/.test(name)) continue;
    const path = join(unitFolder(root), name);
    const status = await stat(path).catch(() => undefined);
    const unit = await readJsonFile(path, { maxBytes }).catch(() => undefined);
    if (status !== undefined && hasShape(UnitFile, unit)) units.push({ path, runs: unit.runs, used: status.mtimeMs });
  }
  return units;
}

/** Forget that runs go together, once they are gone. */
export async function dissolve({ path }: RunUnit): Promise<void> {
  await rm(path, { force: true });
}

/** Beside the runs, not among them: whoever lists runs need not look at it. */
function unitFolder(root: string): string {
  return join(dirname(root), 'units');
}
