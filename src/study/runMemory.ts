import { join } from 'node:path';
import * as Type from 'typebox';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { hasShape } from '../base/checkShape.ts';
import { ensureFolder } from '../base/ensureFolder.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { sha256Text } from '../base/sha256.ts';
import type { RunHealth } from './runHealth.ts';

const Health = Type.Object({ norm: Type.Number(), beyond: Type.Number(), unedited: Type.Number() });
const Remembered = Type.Object({ identity: Type.Optional(Type.Boolean()), health: Type.Optional(Health) });

/** What is kept of one run. */
interface Memory {
  /** Whether the splice of its edits, with nothing to do, left the prediction as it was. */
  readonly identity?: boolean;
  readonly health?: RunHealth;
}

/** What the health of a run is remembered by: it is held against all unedited runs, and with another seed among them it is another. */
export function healthKeys({ key }: { readonly key: string }, baselines: readonly { readonly key: string }[]): string[] {
  return [key, ...baselines.map((baseline) => baseline.key)];
}

/** Remembers what was found out about edited runs by asking the U-Net once more. */
export class RunMemory {
  readonly #folder: string;

  /** @param dmi the folder `.dmi` beside the spec */
  constructor(dmi: string) {
    this.#folder = join(dmi, 'cache', 'health');
  }

  /** @param keys of the run, and of the unedited runs that it was held against */
  async get(keys: readonly string[]): Promise<Memory> {
    const known = await readJsonFile(this.#fileOf(keys)).catch(() => undefined);
    return hasShape(Remembered, known) ? known : {};
  }

  /** @throws InputError on a full disk */
  async set(keys: readonly string[], memory: Memory): Promise<void> {
    await ensureFolder(this.#folder);
    await writeFileAtomic(this.#fileOf(keys), JSON.stringify(memory));
  }

  #fileOf(keys: readonly string[]): string {
    return join(this.#folder, `${sha256Text(keys.join('\n')).slice(0, 32)}.json`);
  }
}
