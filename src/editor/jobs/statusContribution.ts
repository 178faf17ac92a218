import { commands as vscodeCommands, Disposable, l10n, StatusBarAlignment, window } from 'vscode';
import { commands, contextKeys } from '../ids.ts';
import type { Contribution } from '../services.ts';
import { isSpec } from '../targetSpec.ts';
import { throttle } from '../throttle.ts';
import { statusOf } from './statusOf.ts';

/** The one status item, seen while a spec is in front or something runs, and the context key that menus ask. */
export const statusContribution: Contribution = ({ queue }) => {
  const item = window.createStatusBarItem('dmi.status', StatusBarAlignment.Left, 0);
  item.name = 'DMI Lens';
  item.command = commands.showJobs;
  let wasBusy = false;

  const updates = throttle(250, () => {
    const { text, tooltip, busy } = statusOf(queue.jobs, l10n.t);
    item.text = text;
    item.tooltip = tooltip;
    const document = window.activeTextEditor?.document;
    if (busy || (document !== undefined && isSpec(document.uri))) item.show();
    else item.hide();
    if (busy !== wasBusy) {
      wasBusy = busy;
      void vscodeCommands.executeCommand('setContext', contextKeys.busy, busy);
    }
  });
  updates.call();
  return Disposable.from(item, updates, queue.onDidChange(() => { updates.call(); }), window.onDidChangeActiveTextEditor(() => { updates.call(); }));
};
