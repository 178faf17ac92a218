import { basename, dirname } from 'node:path';
import { commands as vscodeCommands, l10n, Uri, window, workspace, WorkspaceEdit, type QuickPickItem, type TextDocument } from 'vscode';
import { addSaes } from '../../spec/addSaes.ts';
import { commands, specPattern } from '../ids.ts';
import { identifySaes } from '../saes/identifySaes.ts';
import type { Host } from '../services.ts';
import { saesOf, type Download } from './download.ts';
import { newModelSpec } from './newModelSpec.ts';

const passedOver = '**/{node_modules,.git,.dmi}/**';
const most = 200;

/** Name SAEs in a spec that people choose, and find out what they were trained on where nothing says so. */
export async function useSaes(host: Host, downloads: readonly Download[]): Promise<void> {
  const document = await pickSpec();
  if (document === undefined) return;
  const text = document.getText();
  const change = new WorkspaceEdit();
  const insertions = addSaes(text, document.uri.fsPath, saesOf(downloads, dirname(document.uri.fsPath)));
  for (const { offset, text: added } of insertions) change.insert(document.uri, document.positionAt(offset), added);
  if (!await workspace.applyEdit(change)) throw new Error(`${document.uri.fsPath} cannot be edited`);
  await window.showTextDocument(document, { preview: false });
  await identifySaes(document.uri, host.queue, await host.services());
}

/** One of the workspace's specs, or a new one with one of its models; undefined where there is neither, or people think better of it. */
async function pickSpec(): Promise<TextDocument | undefined> {
  const [specs, models] = await Promise.all([specPattern, '**/model_index.json'].map((pattern) => workspace.findFiles(pattern, passedOver, most)));
  const items: (QuickPickItem & { readonly open: () => Thenable<TextDocument> })[] = [
    ...specs.filter(({ scheme }) => scheme === 'file').map((uri) => ({ label: workspace.asRelativePath(uri), open: () => workspace.openTextDocument(uri) })).sort((a, b) => a.label.localeCompare(b.label)),
    ...models.filter(({ scheme }) => scheme === 'file').map((uri) => Uri.joinPath(uri, '..')).map((uri) => ({
      label: `$(new-file) ${l10n.t('New spec with {0}', basename(uri.path))}`, description: workspace.asRelativePath(uri), open: () => newModelSpec(workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? dirname(uri.fsPath), uri.fsPath),
    })),
  ];
  if (items.length === 0) {
    const download = l10n.t('Download Model');
    const choice = await window.showInformationMessage(l10n.t('An SAE is used with the model that it was trained on, and there is no model in this workspace yet.'), download);
    if (choice === download) await vscodeCommands.executeCommand(commands.downloadModel);
    return undefined;
  }
  const picked = await window.showQuickPick(items, { title: l10n.t('In which spec?'), placeHolder: l10n.t('One with the model that the SAEs were trained on'), ignoreFocusOut: true, matchOnDescription: true });
  return await picked?.open();
}
