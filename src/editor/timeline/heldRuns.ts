import { basename, dirname } from 'node:path';
import { isRunFolder } from '../../experiment/runCatalogue.ts';
import { holdRuns } from '../../experiment/runHolds.ts';
import type { Hold } from '../../experiment/runHolds.ts';

/** Keeps the stored runs that a panel shows from being removed to make room, by this window's engine or another process. */
export class HeldRuns {
  readonly #onError: (error: unknown) => void;
  #folders = '';
  #holds: Promise<readonly Hold[]> = Promise.resolve([]);

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Hold these in place of those held before. @param folders of runs; what lies outside of a store is in nobody's way */
  hold(folders: readonly string[]): void {
    const wanted = folders.filter(isRunFolder);
    const text = JSON.stringify(wanted);
    if (text === this.#folders) return;
    this.#folders = text;
    const roots = new Map(wanted.map((folder) => [dirname(folder), wanted.filter((other) => dirname(other) === dirname(folder)).map((other) => basename(other))]));
    // The new ones first: a run that is shown on is held throughout.
    this.#holds = this.#holds.then(async (before) => {
      const holds = await Promise.all([...roots].map(([root, names]) => holdRuns(root, names)));
      await Promise.all(before.map((hold) => hold.release()));
      return holds;
    });
    this.#holds.catch(this.#onError);
  }

  dispose(): void {
    this.hold([]);
  }
}
