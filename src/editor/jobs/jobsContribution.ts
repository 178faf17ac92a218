import { Disposable, workspace } from 'vscode';
import { settingsSection } from '../ids.ts';
import type { Contribution } from '../services.ts';
import { jobCommands } from './jobCommands.ts';
import { newSpecCommand } from './newSpecCommand.ts';
import { reportCommand } from './reportCommand.ts';
import { reportFailures } from './reportFailures.ts';
import { runCommands } from './runCommands.ts';
import { statusContribution } from './statusContribution.ts';
import { isActive } from './statusOf.ts';

/** What makes the engine work, and what tells of it. */
export const jobsContribution: Contribution = (host) => Disposable.from(
  ...[runCommands, jobCommands, reportCommand, newSpecCommand, statusContribution, reportFailures].map((contribute) => contribute(host)),
  workspace.onDidChangeConfiguration((event) => {
    // Settings hold from an engine's start on. An idle one can go; one that works is left alone, and `restartEngine` is there.
    if (event.affectsConfiguration(`${settingsSection}.engine`) && !host.queue.jobs.some(({ state }) => isActive(state))) void host.queue.restart();
  }),
);
