import { closest } from '../base/closest.ts';
import { CancelledError, InputError } from '../base/errors.ts';
import { engineVersion } from '../experiment/engineVersion.ts';
import type { Command, Options, Terminal } from './command.ts';
import { UsageError } from './readArguments.ts';

/**
 * Find the command that `args` names, run it, and say on stderr what went wrong.
 * @returns the exit code: 0 done, 1 failed, 2 the input or the command line is wrong, 130 cancelled.
 */
export async function runCommandLine(commands: readonly Command[], args: readonly string[], terminal: Terminal): Promise<number> {
  const command = find(commands, args);
  if (command === undefined) {
    if (args.length === 1 && args[0] === '--version') {
      terminal.out(`${engineVersion}\n`);
      return 0;
    }
    const words = args.filter((word) => !word.startsWith('-'));
    if (words.length === 0 && (args.length === 0 || args.some(isHelp))) {
      terminal.out(overview(commands));
      return args.length === 0 ? 2 : 0;
    }
    terminal.err(unknownCommand(commands, words.length === 0 ? [...args] : words));
    return 2;
  }
  const rest = args.slice(command.name.split(' ').length);
  const beforeTerminator = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (beforeTerminator.some(isHelp)) {
    terminal.out(help(command));
    return 0;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    return report(error, command, terminal);
  }
}

/** The command whose words stand at the front of `args`; the longest such name wins. */
function find(commands: readonly Command[], args: readonly string[]): Command | undefined {
  return commands
    .filter(({ name }) => name.split(' ').every((word, index) => args[index] === word))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

function report(error: unknown, command: Command, terminal: Terminal): number {
  if (error instanceof CancelledError) {
    terminal.err(`${error.message}\n`);
    return 130;
  }
  if (error instanceof InputError) {
    terminal.err(`${error.describe()}\n`);
    return 2;
  }
  if (error instanceof UsageError) {
    terminal.err(`dmi ${command.name}: ${error.message}\n  Usage: dmi ${command.name} ${command.usage}\n  See: dmi ${command.name} --help\n`);
    return 2;
  }
  // A fault of ours: the trace is what a bug report needs.
  terminal.err(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
  return 1;
}

function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, usage, summary }) => [`dmi ${name} ${usage}`, summary] as const);
  return `Usage: dmi <command> ...\n\n${table(rows)}\nFor the flags of a command: dmi <command> --help. Which version this is: dmi --version\n`;
}

function help(command: Command): string {
  const options: Options = { ...command.options, help: { type: 'boolean', short: 'h', summary: 'show this text' } };
  const flags = Object.entries(options)
    .map(([name, { short, value, type, summary, repeats }]) => [
      `${short === undefined ? '    ' : `-${short}, `}--${name}${type === 'boolean' ? '' : ` ${value ?? 'VALUE'}`}`, repeats === true ? `${summary}; may be given several times` : summary,
    ] as const);
  return `Usage: dmi ${command.name} ${command.usage}\n\n${command.summary}\n\n${table(flags)}`;
}

function unknownCommand(commands: readonly Command[], words: readonly string[]): string {
  const group = commands.filter(({ name }) => name.startsWith(`${words[0] ?? ''} `));
  const asked = words.slice(0, group.length > 0 ? 2 : 1).join(' ');
  if (group.length > 0 && words.length === 1) {
    return `dmi ${asked}: which one?\n${table(group.map(({ name, usage, summary }) => [`dmi ${name} ${usage}`, summary]))}`;
  }
  const near = closest(asked, commands.map(({ name }) => name));
  return `dmi: unknown command "${asked}"${near === undefined ? '' : `; did you mean "${near}"?`}\n  See: dmi --help\n`;
}

/** Two columns, indented, the second one aligned. */
function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
