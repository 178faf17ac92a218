import { createInterface } from 'node:readline/promises';
import { CancelledError } from './base/errors.ts';
import { command as check } from './commands/check.ts';
import type { Command } from './commands/command.ts';
import { runCommandLine } from './commands/commandLine.ts';
import { command as plan } from './commands/plan.ts';
import { command as pull } from './commands/pull.ts';
import { command as run } from './commands/run.ts';
import { command as saeConvert } from './commands/saeConvert.ts';
import { command as saeEval } from './commands/saeEval.ts';
import { command as saeInfo } from './commands/saeInfo.ts';
import { command as saeLabel } from './commands/saeLabel.ts';
import { command as saeTrain } from './commands/saeTrain.ts';
import { command as sites } from './commands/sites.ts';
import { command as test } from './commands/test.ts';

/** Every verb of `dmi`, in the order of its help. */
const commands: readonly Command[] = [run, test, plan, check, pull, sites, saeTrain, saeEval, saeLabel, saeInfo, saeConvert];

const controller = new AbortController();
// `once`: a second Ctrl-C meets no handler and ends the process at once, even in the middle of native code.
process.once('SIGINT', () => { controller.abort(new CancelledError()); });
// A reader that has seen enough (`dmi ... | head`) is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { process.exit(error.code === 'EPIPE' ? 0 : 1); });

process.exitCode = await runCommandLine(commands, process.argv.slice(2), {
  out: (text) => { process.stdout.write(text); },
  err: (text) => { process.stderr.write(text); },
  interactive: process.stderr.isTTY,
  columns: process.stderr.columns,
  signal: controller.signal,
  ...(process.stdin.isTTY && process.stderr.isTTY && { ask }),
});

/** Ctrl-C while a question waits reaches readline, not the process. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.once('SIGINT', () => { controller.abort(new CancelledError()); });
  try {
    return await lines.question(question, { signal: controller.signal });
  } catch (error) {
    throw controller.signal.aborted ? new CancelledError() : error;
  } finally {
    lines.close();
  }
}
