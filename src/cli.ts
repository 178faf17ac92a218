import { CancelledError } from './base/errors.ts';
import { command as check } from './commands/check.ts';
import type { Command } from './commands/command.ts';
import { runCommandLine } from './commands/commandLine.ts';
import { command as plan } from './commands/plan.ts';
import { command as run } from './commands/run.ts';
import { command as saeEval } from './commands/saeEval.ts';
import { command as saeLabel } from './commands/saeLabel.ts';
import { command as saeTrain } from './commands/saeTrain.ts';
import { command as sites } from './commands/sites.ts';
import { command as test } from './commands/test.ts';

/** Every verb of `dmi`, in the order of its help. */
const commands: readonly Command[] = [run, test, plan, check, sites, saeTrain, saeEval, saeLabel];

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
});
