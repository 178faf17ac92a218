import { commands, l10n, window, workspace } from 'vscode';

/** Whether this workspace may make the engine work; where it may not, people are told why and what to do. */
export async function mayRun(): Promise<boolean> {
  if (workspace.isTrusted) return true;
  const manage = l10n.t('Manage Workspace Trust');
  const choice = await window.showWarningMessage(
    l10n.t('In restricted mode specs can be edited and runs viewed, but nothing runs: a spec makes the engine load the models it names. Trust this workspace to run it.'), manage);
  if (choice === manage) await commands.executeCommand('workbench.trust.manage');
  return false;
}
