import { expect, it } from 'vitest';
import { CancelledError, InputError } from '../../../src/base/errors.ts';
import type { Command } from '../../../src/commands/command.ts';
import { runCommandLine } from '../../../src/commands/commandLine.ts';
import { readArguments } from '../../../src/commands/readArguments.ts';
import { engineVersion } from '../../../src/experiment/engineVersion.ts';
import { recordTerminal } from '../../support/terminal.ts';

const options = { json: { type: 'boolean', summary: 'print JSON' }, out: { type: 'string', short: 'o', value: 'FOLDER', summary: 'where to write' } } as const;

function commandThat(name: string, action: (args: readonly string[]) => number): Command {
  return { name, usage: '<spec>', summary: `does ${name}`, options, run: (args) => new Promise((resolve) => { resolve(action(args)); }) };
}

function failing(error: Error): Command {
  return commandThat('fail', () => { throw error; });
}

async function run(commands: readonly Command[], ...args: string[]) {
  const terminal = recordTerminal();
  const code = await runCommandLine(commands, args, terminal);
  return { code, stdout: terminal.stdout, stderr: terminal.stderr };
}

const run1 = commandThat('run', (args) => { readArguments(args, options); return 0; });
const train = commandThat('sae train', (args) => args.length);
const commands = [run1, train, commandThat('sae eval', () => 0)];

it('hands a command what follows its name, and returns its exit code', async () => {
  expect(await run(commands, 'sae', 'train', 'a', 'b')).toEqual({ code: 2, stdout: '', stderr: '' });
});

it('tells its version', async () => {
  expect(await run(commands, '--version')).toEqual({ code: 0, stdout: `${engineVersion}\n`, stderr: '' });
  expect(await run(commands, '--version', 'run')).toMatchObject({ code: 2 });
});

it('shows every command, and the flags of one', async () => {
  expect(await run(commands, '--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('dmi sae train <spec>  does sae train') as string });
  expect(await run(commands)).toMatchObject({ code: 2, stdout: expect.stringContaining('Usage: dmi <command>') as string });
  const { code, stdout } = await run(commands, 'run', 'a', '--help');
  expect(code).toBe(0);
  expect(stdout).toBe(`Usage: dmi run <spec>

does run

      --json        print JSON
  -o, --out FOLDER  where to write
  -h, --help        show this text
`);
});

it('suggests the command or flag that was meant', async () => {
  expect(await run(commands, 'rnu', 'a')).toEqual({ code: 2, stdout: '', stderr: 'dmi: unknown command "rnu"; did you mean "run"?\n  See: dmi --help\n' });
  expect((await run(commands, 'sae', 'tarin')).stderr).toContain('unknown command "sae tarin"; did you mean "sae train"?');
  expect((await run(commands, 'sae')).stderr).toContain('dmi sae: which one?');
  expect(await run(commands, 'run', 'a', '--jsn')).toMatchObject({ code: 2, stderr: expect.stringContaining('dmi run: unknown option --jsn; did you mean --json?') as string });
  expect((await run(commands, '--verbose')).code).toBe(2);
});

it('turns errors into exit codes, and says what to do next', async () => {
  const input = new InputError('is broken', { file: 'a.onnx', place: 'byte 7', remedy: 'Export it again.' });
  expect(await run([failing(input)], 'fail')).toEqual({ code: 2, stdout: '', stderr: 'a.onnx: byte 7: is broken\n  Export it again.\n' });
  expect(await run([failing(new CancelledError())], 'fail')).toEqual({ code: 130, stdout: '', stderr: 'cancelled\n' });
  expect(await run([failing(new Error('a bug'))], 'fail')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Error: a bug\n {4}at /) as string });
});
