import { commands } from 'vscode';
import { innerCommands } from '../ids.ts';
import type { Contribution } from '../services.ts';

/** What is done about SAEs that nobody knows the training of. */
export const saesContribution: Contribution = (host) =>
  commands.registerCommand(innerCommands.identifySaes, async (uri: unknown) => {
    const { identifySaes } = await import('./identifySaes.ts');
    await identifySaes(uri, host.queue, await host.services());
  });
