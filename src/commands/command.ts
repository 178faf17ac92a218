/** What a command writes to and listens to; the real process, or a test's buffers. */
export interface Terminal {
  /** Results: stdout. */
  out(text: string): void;
  /** Progress and warnings: stderr. */
  err(text: string): void;
  /** Whether stderr is a terminal that can redraw a line. */
  readonly interactive: boolean;
  /** Width of that terminal in characters; 80 where it is unknown. */
  readonly columns?: number;
  /** Ask a question of one line; absent where nobody is there to answer. @returns the answer, without its end of line @throws CancelledError */
  ask?(question: string): Promise<string>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One `--flag` of a command. */
export interface Option {
  /** `boolean` flags take no value. */
  readonly type: 'boolean' | 'string';
  /** One letter for `-x`. */
  readonly short?: string;
  /** May be given several times; its value is the list. */
  readonly repeats?: true;
  /** What stands for the value in the help, e.g. `FOLDER`. */
  readonly value?: string;
  readonly summary: string;
}

/** The flags of a command by long name, without `--`. */
export type Options = Readonly<Record<string, Option>>;

/** One verb of `dmi`; `cli.ts` lists them all. */
export interface Command {
  /** Words after `dmi`, e.g. `sae train`. */
  readonly name: string;
  /** Arguments as shown in the usage line, e.g. `<spec>`. */
  readonly usage: string;
  readonly summary: string;
  /** Shown by `--help`, and read with `readArguments`. */
  readonly options?: Options;
  /**
   * @param args what follows the name, unparsed.
   * @returns the exit code. @throws UsageError, InputError (exit 2), CancelledError (exit 130), any other error (exit 1).
   */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}
