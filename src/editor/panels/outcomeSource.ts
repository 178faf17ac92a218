import { basename, dirname, isAbsolute, join } from 'node:path';
import { experimentFolder, sweepFolder } from '../../study/outcomeFolders.ts';

/** What an outcome's panel shows: an experiment or a sweep of a spec, or one cell of a sweep; also how it is kept over a reload. */
export interface OutcomeSource {
  readonly kind: 'experiments' | 'sweeps';
  /** Absolute path of the spec. */
  readonly spec: string;
  /** As the spec calls it. */
  readonly name: string;
  /** Of a sweep the cell that is compared. */
  readonly cell?: number;
}

/** Longer texts were not written by `formatOutcomeSource`. */
const longest = 16 * 1024;

export function formatOutcomeSource({ kind, spec, name, cell }: OutcomeSource): string {
  return JSON.stringify([kind, spec, name, ...(cell === undefined ? [] : [cell])]);
}

/** @returns undefined for anything that `formatOutcomeSource` does not write */
export function parseOutcomeSource(text: unknown): OutcomeSource | undefined {
  if (typeof text !== 'string' || text.length > longest) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const [kind, spec, name, cell] = parts as unknown[];
  const fits = (kind === 'experiments' || kind === 'sweeps') && typeof spec === 'string' && isAbsolute(spec) && typeof name === 'string' && name !== '';
  if (!fits) return undefined;
  if (parts.length === 3) return { kind, spec, name };
  return parts.length === 4 && kind === 'sweeps' && Number.isSafeInteger(cell) && Number(cell) >= 0 ? { kind, spec, name, cell: Number(cell) } : undefined;
}

/** The file that holds the outcome. */
export function outcomeFile({ kind, spec, name }: OutcomeSource): string {
  const dmi = join(dirname(spec), '.dmi');
  return kind === 'sweeps' ? join(sweepFolder(dmi, spec, name), 'sweep.json') : join(experimentFolder(dmi, spec, name), 'experiment.json');
}

/** The folder of the runs that an outcome names. */
function runsFolder({ spec }: OutcomeSource): string {
  return join(dirname(spec), '.dmi', 'runs');
}

/**
 * Where a run that an outcome names may lie: among the runs beside its spec, whatever folder it names. So an outcome from others leads nowhere else, and one that was moved along with
 * its runs still finds them.
 */
export function runFolder(source: OutcomeSource, folder: string): string | undefined {
  const name = basename(folder.replaceAll('\\', '/'));
  return /^[0-9a-f]{32}$/.test(name) ? join(runsFolder(source), name) : undefined;
}

/** What a file `experiment.json` or `sweep.json` is the outcome of, as far as it says so itself; undefined where it does not lie where that outcome would. */
export function sourceOfFile(file: string, specName: string, name: string): OutcomeSource | undefined {
  const dmi = dirname(dirname(dirname(dirname(file))));
  const kind = basename(file) === 'sweep.json' ? 'sweeps' : 'experiments';
  const source: OutcomeSource = { kind, spec: join(dirname(dmi), basename(specName.replaceAll('\\', '/'))), name };
  return basename(dmi) === '.dmi' && outcomeFile(source) === file ? source : undefined;
}
