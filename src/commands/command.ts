/** What a command writes to and listens to; the real process, or a test's buffers. */
export interface Terminal {
  /** Results: stdout. */
  out(text: string): void;
  /** Progress and warnings: stderr. */
  err(text: string): void;
  /** Whether stderr is a terminal that can redraw a line. */
  readonly interactive: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One verb of `dmi`. */
export interface Command {
  /** Words after `dmi`, e.g. `sae train`. */
  readonly name: string;
  /** Arguments as shown in the usage line. */
  readonly usage: string;
  readonly summary: string;
  /** @returns the exit code. @throws InputError (exit 2), CancelledError (exit 130). */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}
