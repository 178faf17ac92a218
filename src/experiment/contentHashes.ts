import { fileStamps } from '../base/fileStamps.ts';
import { sha256Text } from '../base/sha256.ts';

/** A hash, and the state of the files that it was taken of. */
export type KnownHash = readonly [stamp: string, hash: string];

/** Where hashes are kept for the next time. */
export interface HashMemory {
  get(): readonly KnownHash[];
  set(known: readonly KnownHash[]): void;
}

/** Models and SAEs whose hashes are kept; the one known longest is forgotten. */
const most = 64;

/**
 * Hashes of models and SAEs for lists that must not wait: weights are gigabytes, so each is taken in the background, one after the other, and once for as long
 * as its files stay as they are.
 */
export class ContentHashes {
  readonly #memory: HashMemory;
  readonly #learned: () => void;
  readonly #underWay = new Set<string>();
  #work: Promise<void> = Promise.resolve();

  /** @param learned called when a hash has become known that was asked for before */
  constructor(memory: HashMemory, learned: () => void) {
    this.#memory = memory;
    this.#learned = learned;
  }

  /** Resolves when every hash asked for so far has been taken. */
  get settled(): Promise<void> {
    return this.#work;
  }

  /** The hash of files as they are now; undefined while it is being taken, or where that fails. @param paths absolute. @param take reads them */
  async of(paths: readonly string[], take: () => Promise<string>): Promise<string | undefined> {
    const stamp = sha256Text(await fileStamps(paths));
    const known = this.#memory.get().find(([of]) => of === stamp)?.[1];
    if (known === undefined && !this.#underWay.has(stamp)) {
      this.#underWay.add(stamp);
      this.#work = this.#work.then(async () => {
        try {
          this.#keep([stamp, await take()]);
        } catch {
          return; // what is wrong with the files is for a run to say; until they change there is nothing to learn
        }
        this.#underWay.delete(stamp);
        this.#learned();
      });
    }
    return known;
  }

  #keep(known: KnownHash): void {
    this.#memory.set([known, ...this.#memory.get().filter(([stamp]) => stamp !== known[0])].slice(0, most));
  }
}

/** Keeps hashes as long as the process lives. */
export function inProcess(): HashMemory {
  let known: readonly KnownHash[] = [];
  return { get: () => known, set: (now) => { known = now; } };
}
