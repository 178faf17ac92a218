import { readSpec } from '../spec/readSpec.ts';
import { resolveFolders } from '../spec/resolveFolders.ts';
import type { Command } from './command.ts';
import { readArguments } from './readArguments.ts';

/** `dmi check`: problems on stdout, one per place, as `file:line:column` so that editors link them. */
export const command: Command = {
  name: 'check',
  usage: '<spec>',
  summary: 'list the problems of a spec, without running it',
  async run(args, terminal) {
    const { positionals: [file] } = readArguments(args, {});
    const parsed = await readSpec(file);
    for (const { severity, line, column, path, message, remedy } of parsed.problems) {
      terminal.out(`${file}:${line}:${column}: ${severity}: ${path}: ${message}\n  ${remedy}\n`);
    }
    if (parsed.spec === undefined) return 2;
    await resolveFolders(parsed);
    terminal.out(`${file}: ${parsed.problems.length === 0 ? 'no problems' : 'only warnings'}\n`);
    return 0;
  },
};
