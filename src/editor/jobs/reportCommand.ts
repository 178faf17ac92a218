import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { commands as vscodeCommands, env, l10n, ProgressLocation, UIKind, Uri, ViewColumn, window } from 'vscode';
import { JobFaultError } from '../../engine/jobFaultError.ts';
import { displayLanguage } from '../displayLanguage.ts';
import { commands, views } from '../ids.ts';
import type { Contribution, Host } from '../services.ts';
import { findSpec } from '../targetSpec.ts';
import { mayRun } from './mayRun.ts';
import { showFault } from './reportFailures.ts';

/** `DMI: Open Report`: a page about a spec's stored runs. */
export const reportCommand: Contribution = (host) =>
  vscodeCommands.registerCommand(commands.openReport, (target: unknown) => openReport(host, target));

async function openReport({ queue, log }: Host, target: unknown): Promise<void> {
  if (!await mayRun()) return;
  const document = await findSpec(target);
  if (document === undefined) return;
  const name = basename(document.uri.path);
  try {
    const language = displayLanguage();
    const report = await window.withProgress({ location: ProgressLocation.Window, title: l10n.t('Report on {0}', name) },
      () => queue.report(document.uri.fsPath, document.getText(), language));
    await openPage(report, l10n.t('Report: {0}', name));
  } catch (error) {
    if (!(error instanceof JobFaultError)) throw error;
    await showFault(name, error.fault, log);
  }
}

/** In the browser, where it can be printed and sent on; where the files are on another machine than the window, no browser reaches them, so in a panel. */
async function openPage(path: string, title: string): Promise<void> {
  if (env.remoteName === undefined && env.uiKind === UIKind.Desktop) {
    await env.openExternal(Uri.file(path));
    return;
  }
  const { guardReport } = await import('./guardReport.ts');
  const page = guardReport(await readFile(path, 'utf8'));
  const panel = window.createWebviewPanel(views.report, title, ViewColumn.Active, { enableScripts: true, enableFindWidget: true, localResourceRoots: [] });
  panel.webview.html = page;
}
