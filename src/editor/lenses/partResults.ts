import { stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import * as Type from 'typebox';
import { hasShape } from '../../base/checkShape.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { recordOf } from '../../base/recordOf.ts';
import { experimentFolder, sweepFolder } from '../../study/outcomeFolders.ts';
import type { PartResult } from './lensesOf.ts';
import type { SpecPart } from './outlineOf.ts';

/** Experiments whose outcome is read for the lenses of one spec; a spec of a thousand must not read a thousand files for a line above each. */
const most = 200;
const maxBytes = 64 * 2 ** 20;

const number = Type.Union([Type.Number(), Type.Null()]);
/** What a lens needs of `experiment.json`. */
const summary = Type.Object({
  measures: recordOf(Type.Object({ value: number, low: number, high: number, n: Type.Number() })),
  expectations: Type.Array(Type.Object({ passed: Type.Boolean() })),
});

/** Reads a stored outcome; undefined where there is none. */
type ReadResult = (file: string, kind: 'experiments' | 'sweeps') => Promise<PartResult | undefined>;

/** Stored outcomes of experiments and sweeps, those that are missing included: each is read once, and again only after it was forgotten. */
export class PartResults {
  readonly #read: ReadResult;
  readonly #known = new Map<string, Promise<PartResult | undefined>>();

  /** @param read the only way to the disk */
  constructor(read: ReadResult = readResult) {
    this.#read = read;
  }

  /** What is known of the parts of a spec. @param spec its absolute path */
  async of(spec: string, parts: readonly SpecPart[]): Promise<(part: SpecPart) => PartResult | undefined> {
    const dmi = join(dirname(spec), '.dmi');
    const found = new Map<string, PartResult>();
    const readable = parts.filter(({ kind }) => kind === 'experiments' || kind === 'sweeps').slice(0, most);
    await Promise.all(readable.map(async (part) => {
      const result = part.kind === 'sweeps'
        ? await this.#of(join(sweepFolder(dmi, spec, part.name), 'sweep.json'), 'sweeps')
        : await this.#of(join(experimentFolder(dmi, spec, part.name), 'experiment.json'), 'experiments');
      if (result !== undefined) found.set(keyOf(part), result);
    }));
    return (part) => found.get(keyOf(part));
  }

  /** Something has changed on the disk. @param path of an outcome's file, or of a folder that outcomes may lie in */
  forget(path: string): void {
    for (const file of this.#known.keys()) if (file === path || file.startsWith(path + sep)) this.#known.delete(file);
  }

  #of(file: string, kind: 'experiments' | 'sweeps'): Promise<PartResult | undefined> {
    const known = this.#known.get(file) ?? this.#read(file, kind);
    this.#known.set(file, known);
    return known;
  }
}

async function readResult(file: string, kind: 'experiments' | 'sweeps'): Promise<PartResult | undefined> {
  if (kind === 'sweeps') return stat(file).then(() => ({ expected: 0, failed: 0 }), () => undefined); // a sweep has no one number
  const value = await readJsonFile(file, { maxBytes }).catch(() => undefined);
  if (!hasShape(summary, value)) return undefined;
  const first = Object.entries(value.measures).at(0);
  return {
    ...(first !== undefined && { headline: { measure: first[0], value: first[1].value, low: first[1].low, high: first[1].high, n: first[1].n } }),
    expected: value.expectations.length, failed: value.expectations.filter(({ passed }) => !passed).length,
  };
}

function keyOf({ kind, name }: SpecPart): string {
  return `${kind} ${name}`;
}
