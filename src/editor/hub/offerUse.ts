import { dirname } from 'node:path';
import { commands as vscodeCommands, env, l10n, Uri, window, workspace } from 'vscode';
import { folderName } from '../../hub/useInSpec.ts';
import type { Host } from '../services.ts';
import { saesOf, type Download } from './download.ts';
import { newModelSpec } from './newModelSpec.ts';
import { useSaes } from './useSaes.ts';

/** Say that it is there, and offer what comes next: a spec with it. @param there whether it was before */
export async function offerUse(host: Host, downloads: readonly Download[], there: boolean): Promise<void> {
  const [{ plan, target }] = downloads;
  const folder = workspace.getWorkspaceFolder(Uri.file(target))?.uri.fsPath ?? dirname(dirname(target));
  const [newSpec, useThem, copy, reveal] = [l10n.t('New Spec'), l10n.t('Use in a Spec...'), l10n.t('Copy for a Spec'), l10n.t('Reveal')];
  const name = downloads.length === 1 ? folderName(plan) : l10n.t('{0} and {1} more', folderName(plan), downloads.length - 1);
  const said = there ? l10n.t('{0}: there already, and every checksum is right.', name) : l10n.t('{0}: downloaded, and every checksum is right.', name);
  const choice = await window.showInformationMessage(said, ...(plan.kind === 'pipeline' ? [newSpec] : [useThem, copy]), reveal);
  switch (choice) {
    case newSpec: await newModelSpec(folder, target); break;
    case useThem: await useSaes(host, downloads); break;
    case copy: await env.clipboard.writeText(`"saes": ${JSON.stringify(saesOf(downloads, folder))}`); break;
    case reveal: await vscodeCommands.executeCommand('revealInExplorer', Uri.file(target)); break;
  }
}
