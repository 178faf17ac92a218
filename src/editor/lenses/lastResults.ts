import { dirname } from 'node:path';
import { env, type TextDocument } from 'vscode';
import type { Services } from '../services.ts';
import type { LastResult } from './lensesOf.ts';

interface Known {
  /** Which text and which state of the disk `last` belongs to. */
  of: string;
  last: LastResult | undefined;
  reading: Promise<void> | undefined;
}

/** The newest stored run of each open spec: read from the disk beside the lenses, never in their way. */
export class LastResults {
  readonly #services: Services;
  readonly #changed: () => void;
  readonly #known = new WeakMap<TextDocument, Known>();
  #disk = 0;

  /** @param changed called when an answer is no longer right */
  constructor(services: Services, changed: () => void) {
    this.#services = services;
    this.#changed = changed;
  }

  /** What is known now; only the first answer about a document waits for the disk, so that its lens does not change right after it has appeared. */
  async of(document: TextDocument): Promise<LastResult | undefined> {
    let known = this.#known.get(document);
    if (known === undefined) {
      known = { of: '', last: undefined, reading: undefined };
      this.#known.set(document, known);
      this.#read(document, known, () => undefined);
    } else if (known.of !== this.#state(document) && known.reading === undefined) {
      this.#read(document, known, this.#changed);
    }
    if (known.of === '') await known.reading;
    return known.last;
  }

  /** Runs have appeared or vanished. */
  diskChanged(): void {
    this.#disk += 1;
    this.#changed();
  }

  #state(document: TextDocument): string {
    return `${document.version} ${this.#disk}`;
  }

  #read(document: TextDocument, known: Known, changed: () => void): void {
    const state = this.#state(document);
    const before = known.last;
    known.reading = this.#find(document).catch(() => undefined).then((last) => {
      Object.assign(known, { of: state, last, reading: undefined });
      if (last?.folder !== before?.folder || last?.runs !== before?.runs || state !== this.#state(document)) changed();
    });
  }

  async #find(document: TextDocument): Promise<LastResult | undefined> {
    const { runs, specs } = this.#services;
    const stored = await runs.ofSpec(specs.of(document).parsed, dirname(document.uri.fsPath));
    const found = stored.flatMap(({ run }) => run ?? []);
    const newest = found.reduce<typeof found[number] | undefined>((best, run) => (best === undefined || run.finishedAt > best.finishedAt ? run : best), undefined);
    return newest && { folder: newest.folder, runs: found.length, when: describeTime(newest.finishedAt) };
  }
}

function describeTime(time: Date): string {
  return new Intl.DateTimeFormat(env.language, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(time);
}
