import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as Type from 'typebox';
import { Disposable, workspace, type Uri } from 'vscode';
import { hasShape } from '../../base/checkShape.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { recordOf } from '../../base/recordOf.ts';
import { experimentFolder, sweepFolder } from '../../study/outcomeFolders.ts';
import { throttle } from '../throttle.ts';
import type { PartResult } from './lensesOf.ts';
import type { SpecPart } from './outlineOf.ts';

/** Experiments whose outcome is read for the lenses of one spec; a spec of a thousand must not read a thousand files for a line above each. */
const most = 200;
const leastBetweenMs = 250;
const maxBytes = 64 * 2 ** 20;

const number = Type.Union([Type.Number(), Type.Null()]);
/** What a lens needs of `experiment.json`. */
const summary = Type.Object({
  measures: recordOf(Type.Object({ value: number, low: number, high: number, n: Type.Number() })),
  expectations: Type.Array(Type.Object({ passed: Type.Boolean() })),
});

/** Stored outcomes of experiments and sweeps, read once for each change of their file. */
export class PartResults {
  readonly #known = new Map<string, { readonly stamp: string; readonly result: PartResult | undefined }>();
  readonly #watches: Disposable;

  /** @param changed called when an outcome has come or gone */
  constructor(changed: () => void) {
    const tell = throttle(leastBetweenMs, changed);
    const watcher = workspace.createFileSystemWatcher('**/.dmi/{experiments,sweeps}/*/*/{experiment,sweep}.json');
    const call = (): void => { tell.call(); };
    this.#watches = Disposable.from(watcher, tell, watcher.onDidCreate(call), watcher.onDidChange(call), watcher.onDidDelete(call));
  }

  /** What is known of the parts of a spec. */
  async of(spec: Uri, parts: readonly SpecPart[]): Promise<(part: SpecPart) => PartResult | undefined> {
    if (spec.scheme !== 'file') return () => undefined;
    const dmi = join(dirname(spec.fsPath), '.dmi');
    const found = new Map<string, PartResult>();
    const readable = parts.filter(({ kind }) => kind === 'experiments' || kind === 'sweeps').slice(0, most);
    await Promise.all(readable.map(async (part) => {
      const file = part.kind === 'sweeps' ? join(sweepFolder(dmi, spec.fsPath, part.name), 'sweep.json') : join(experimentFolder(dmi, spec.fsPath, part.name), 'experiment.json');
      const result = await this.#read(file, part.kind === 'sweeps');
      if (result !== undefined) found.set(keyOf(part), result);
    }));
    return (part) => found.get(keyOf(part));
  }

  dispose(): void {
    this.#watches.dispose();
  }

  async #read(file: string, sweep: boolean): Promise<PartResult | undefined> {
    const stats = await stat(file).catch(() => undefined);
    if (stats === undefined) return undefined;
    const stamp = `${stats.mtimeMs} ${stats.size}`;
    const known = this.#known.get(file);
    if (known?.stamp === stamp) return known.result;
    const result = sweep ? { expected: 0, failed: 0 } : await readSummary(file); // a sweep has no one number
    this.#known.set(file, { stamp, result });
    return result;
  }
}

async function readSummary(file: string): Promise<PartResult | undefined> {
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
