import type { Terminal } from '../../src/commands/command.ts';

/** A terminal that keeps what is written to it. */
export interface RecordedTerminal extends Terminal {
  readonly stdout: string;
  readonly stderr: string;
}

/** @param options whether stderr can redraw a line, and what stands for Ctrl-C */
export function recordTerminal({ interactive = false, columns = 80, signal = new AbortController().signal } = {}): RecordedTerminal {
  let stdout = '';
  let stderr = '';
  return {
    interactive, columns, signal,
    out(text) { stdout += text; },
    err(text) { stderr += text; },
    get stdout() { return stdout; },
    get stderr() { return stderr; },
  };
}
