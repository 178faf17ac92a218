import type { Command } from './command.ts';
import { readArguments } from './readArguments.ts';

export const command: Command = {
  name: 'check',
  usage: '<spec>',
  summary: 'read a spec and list its problems',
  async run(args, terminal) {
    readArguments(args, {});
    terminal.out('');
    return await Promise.resolve(0);
  },
};
