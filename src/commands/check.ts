import { checkAgainstFacts } from '../experiment/checkAgainstFacts.ts';
import { FactsReader } from '../experiment/modelFacts.ts';
import type { Problem } from '../spec/parseSpec.ts';
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
    const print = (problems: readonly Problem[]): void => {
      for (const { severity, line, column, path, message, remedy } of problems) {
        terminal.out(`${file}:${line}:${column}: ${severity}: ${path}: ${message}\n  ${remedy}\n`);
      }
    };
    const parsed = await readSpec(file);
    print(parsed.problems);
    if (parsed.spec === undefined || parsed.tree === undefined) return 2;
    const facts = await new FactsReader().read(await resolveFolders(parsed));
    const found = parsed.problemsOf(checkAgainstFacts(parsed.tree, facts));
    print(found);
    if (found.some(({ severity }) => severity === 'error')) return 2;
    terminal.out(`${file}: ${parsed.problems.length + found.length === 0 ? 'no problems' : 'only warnings'}\n`);
    return 0;
  },
};
