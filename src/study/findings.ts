import { join } from 'node:path';
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { hasShape } from '../base/checkShape.ts';
import { ensureFolder } from '../base/ensureFolder.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { sha256Text } from '../base/sha256.ts';
import { ExperimentOutcome } from './outcome.ts';

/** The part of an outcome that takes time: what its runs show. */
const Findings = Type.Object({ identityHolds: ExperimentOutcome.properties.identityHolds, measures: ExperimentOutcome.properties.measures });
export type Findings = Static<typeof Findings>;

/** The text of the findings and its hash: a file that was changed by anyone, or by a disk, is not believed. */
const Stored = Type.Object({ sha256: Type.String(), findings: Type.String() });

/** An experiment of a thousand seeds and a hundred measures stays below. */
const maxBytes = 64 * 2 ** 20;

/** Keeps what was measured, by the hash of all that it was measured from (see `measureKey`). */
export class FindingsStore {
  readonly #folder: string;

  /** @param dmi the folder `.dmi` beside the spec */
  constructor(dmi: string) {
    this.#folder = join(dmi, 'cache', 'findings');
  }

  /** @returns undefined where there are none, or none that can be believed */
  async get(key: string): Promise<Findings | undefined> {
    const stored = await readJsonFile(this.#fileOf(key), { maxBytes }).catch(() => undefined);
    if (!hasShape(Stored, stored) || sha256Text(`${key}\n${stored.findings}`) !== stored.sha256) return undefined;
    const findings = JSON.parse(stored.findings) as unknown;
    return hasShape(Findings, findings) ? findings : undefined;
  }

  /** @throws InputError on a full disk */
  async set(key: string, { identityHolds, measures }: Findings): Promise<void> {
    const findings = JSON.stringify({ identityHolds, measures });
    await ensureFolder(this.#folder);
    await writeFileAtomic(this.#fileOf(key), JSON.stringify({ sha256: sha256Text(`${key}\n${findings}`), findings }));
  }

  #fileOf(key: string): string {
    return join(this.#folder, `${key.slice(0, 32)}.json`);
  }
}
