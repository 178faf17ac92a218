import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { writeFileAtomic } from '../../base/atomicFile.ts';
import { hasShape } from '../../base/checkShape.ts';
import { ensureFolder } from '../../base/ensureFolder.ts';
import { InputError } from '../../base/errors.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { ownIdentity } from '../../base/processIdentity.ts';
import { Trial } from './computed.ts';
import { trialPrefix } from './trialPrefix.ts';

const TrialFile = Type.Object({
  format: Type.Literal(1),
  /** What was tried: model, machine, version of ONNX Runtime, cores. */
  of: Type.String(),
  trials: Type.Array(Trial),
  /** What `auto` has chosen from them, once it has. */
  choice: Type.Optional(Type.String()),
});
type TrialFile = Static<typeof TrialFile>;

export type Trials = Pick<TrialFile, 'trials' | 'choice'>;

function pathOf(cacheFolder: string, modelHash: string): string {
  return join(cacheFolder, `${trialPrefix}${modelHash.slice(0, 16)}.json`);
}

/** What providers came to with a model, kept for as long as model, machine and ONNX Runtime stay the same. */
export class TrialStore {
  readonly folder: string;
  /** What was tried: model, machine, version of ONNX Runtime, cores. */
  readonly of: string;
  readonly #path: string;

  private constructor(folder: string, path: string, of: string) {
    this.folder = folder;
    this.of = of;
    this.#path = path;
  }

  /** @param runtime version of ONNX Runtime. @param threads the same number as the sessions get */
  static async open(cacheFolder: string, modelHash: string, runtime: string, threads: number = availableParallelism()): Promise<TrialStore> {
    return new TrialStore(cacheFolder, pathOf(cacheFolder, modelHash), [modelHash, (await ownIdentity()).host, `${process.platform}-${process.arch}`, runtime, threads].join(' '));
  }

  async read(): Promise<Trials> {
    const kept = await readTrials(this.#path);
    return kept?.of === this.of ? kept : { trials: [] };
  }

  /** Where nothing can be written, it is measured again the next time. */
  async write({ trials, choice }: Trials): Promise<void> {
    const content: TrialFile = { format: 1, of: this.of, trials, ...(choice !== undefined && { choice }) };
    try {
      await ensureFolder(this.folder);
      await writeFileAtomic(this.#path, `${JSON.stringify(content, undefined, 2)}\n`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
}

/** What `auto` chose for a model on some machine; undefined where it was never asked. Loads no native code. */
export async function storedChoice(cacheFolder: string, modelHash: string): Promise<string | undefined> {
  return (await readTrials(pathOf(cacheFolder, modelHash)))?.choice;
}

async function readTrials(path: string): Promise<TrialFile | undefined> {
  const value = await readJsonFile(path).catch(() => undefined); // missing or damaged: it can be measured again
  return hasShape(TrialFile, value) ? value : undefined;
}
