import type { Disposable } from 'vscode-jsonrpc';

/** Those who want to be told of one kind of event. What one of them throws neither reaches the others nor the teller. */
export class Listeners<T> {
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<{ readonly tell: (event: T) => void }>();

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** A function that is added twice is told twice. */
  add(tell: (event: T) => void): Disposable {
    const listener = { tell };
    this.#listeners.add(listener);
    return { dispose: () => { this.#listeners.delete(listener); } };
  }

  fire(event: T): void {
    for (const { tell } of [...this.#listeners]) {
      try {
        tell(event);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
