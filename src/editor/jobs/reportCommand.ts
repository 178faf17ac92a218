import { basename } from 'node:path';
import { commands as vscodeCommands, Disposable, env, l10n, ProgressLocation, UIKind, Uri, window } from 'vscode';
import { JobFaultError } from '../../engine/jobFaultError.ts';
import { commands } from '../ids.ts';
import type { Contribution, Services } from '../services.ts';
import { findSpec } from '../targetSpec.ts';
import { mayRun } from './mayRun.ts';
import { showFault } from './reportFailures.ts';
import { servePage, type ServedFile } from './servePage.ts';

/** `DMI: Open Report`: a page about a spec's stored runs, in a browser on the machine that people sit at. */
export const reportCommand: Contribution = (services) => {
  const served: ServedFile[] = [];
  return Disposable.from(
    vscodeCommands.registerCommand(commands.openReport, (target: unknown) => openReport(services, target, served)),
    { dispose() { for (const page of served.splice(0)) page.close(); } },
  );
};

async function openReport({ queue, log }: Services, target: unknown, served: ServedFile[]): Promise<void> {
  if (!await mayRun()) return;
  const document = await findSpec(target);
  if (document === undefined) return;
  const name = basename(document.uri.path);
  try {
    const language = env.language.startsWith('ja') ? 'ja' : 'en';
    const report = await window.withProgress({ location: ProgressLocation.Window, title: l10n.t('Report on {0}', name) },
      () => queue.report(document.uri.fsPath, document.getText(), language));
    await openPage(report, served);
  } catch (error) {
    if (!(error instanceof JobFaultError)) throw error;
    await showFault(name, error.fault, log);
  }
}

/** Where the editor's window and its files are on different machines, a browser cannot open the file; it can reach a forwarded port. */
async function openPage(path: string, served: ServedFile[]): Promise<void> {
  if (env.remoteName === undefined && env.uiKind === UIKind.Desktop) {
    await env.openExternal(Uri.file(path));
    return;
  }
  const page = await servePage(path);
  served.push(page);
  await env.openExternal(Uri.parse(page.url));
}
