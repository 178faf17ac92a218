import { commands as vscodeCommands, Disposable } from 'vscode';
import { commands } from '../ids.ts';
import type { Contribution } from '../services.ts';

/** `DMI: Download Model`, the token it may need, and a spec with a model that is there. */
export const hubContribution: Contribution = (host) => Disposable.from(
  vscodeCommands.registerCommand(commands.downloadModel, async (id: unknown) => (await import('./downloadModel.ts')).downloadModel(host, id)),
  vscodeCommands.registerCommand(commands.newModelSpec, async (clicked: unknown) => (await import('./newModelSpec.ts')).newSpecOf(clicked)),
  vscodeCommands.registerCommand(commands.setHubToken, async () => (await import('./hubTokenStore.ts')).askToken(host.context.secrets)),
);
