import { english, toPhrase, type Phrase } from './phrase.ts';

/** Where an input is wrong and what to do about it; the command line prints all three and exits with 2. */
export interface Fault {
  /** The file as the user knows it. */
  readonly file: string;
  /** Position inside the file: a JSON path, `line:column`, a tensor's name or a byte offset. */
  readonly place?: string;
  /** The next step, as an imperative sentence. */
  readonly remedy: Phrase | string;
}

/**
 * Something given to us (a spec, a model, an SAE, a folder, a disk) cannot be used as it is. It is told in phrases wherever an editor may show it; words of others,
 * and of the command line alone, are plain text.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly file: string;
  readonly place: string | undefined;
  /** In English, as `message`. */
  readonly remedy: string;
  /** The same for translation. */
  readonly phrases: { readonly message: Phrase; readonly remedy: Phrase };

  constructor(message: Phrase | string, fault: Fault) {
    const phrases = { message: toPhrase(message), remedy: toPhrase(fault.remedy) };
    super(english(phrases.message));
    this.file = fault.file;
    this.place = fault.place;
    this.remedy = english(phrases.remedy);
    this.phrases = phrases;
  }

  /** The whole error as people read it: `file:place: message` and, on its own line, the remedy. */
  describe(): string {
    const where = this.place === undefined || this.place === '' ? this.file : `${this.file}: ${this.place}`;
    return `${where}: ${this.message}\n  ${this.remedy}`;
  }
}

/** The user asked to stop; nothing is wrong. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';

  constructor(message = 'cancelled') {
    super(message);
  }
}
