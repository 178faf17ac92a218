import { commands as vscodeCommands, l10n, Uri, window, workspace, type TextDocument } from 'vscode';
import { commands, specPattern, specSelector } from './ids.ts';

/** Whether a document lies on this machine's disk, or does not lie anywhere yet. */
export function isLocal(uri: Uri): boolean {
  return specSelector.some(({ scheme }) => scheme === uri.scheme);
}

/** Whether this is a spec that can be run. */
export function isSpec(uri: Uri): boolean {
  return isLocal(uri) && uri.path.endsWith('.dmi.json');
}

/** The uri that a command was called with: a uri, something of a tree that has one, or nothing. */
export function uriOf(target: unknown): Uri | undefined {
  if (target instanceof Uri) return target;
  return typeof target === 'object' && target !== null && 'uri' in target && target.uri instanceof Uri ? target.uri : undefined;
}

/** The spec in front. */
export function activeSpec(): Uri | undefined {
  const uri = window.activeTextEditor?.document.uri;
  return uri !== undefined && isSpec(uri) ? uri : undefined;
}

/** The spec that a command is about: the one it was called with, the one in front, the only one there is, or one that people pick. */
export async function findSpec(target: unknown): Promise<TextDocument | undefined> {
  const uri = uriOf(target) ?? activeSpec() ?? await pickSpec();
  return uri && workspace.openTextDocument(uri);
}

async function pickSpec(): Promise<Uri | undefined> {
  const specs = await workspace.findFiles(specPattern, '**/node_modules/**', 200);
  if (specs.length < 2) {
    if (specs.length === 0) await offerNewSpec();
    return specs.at(0);
  }
  const items = specs.map((uri) => ({ label: workspace.asRelativePath(uri), uri })).sort((a, b) => a.label.localeCompare(b.label));
  return (await window.showQuickPick(items, { placeHolder: l10n.t('Which spec?') }))?.uri;
}

async function offerNewSpec(): Promise<void> {
  const create = l10n.t('New Spec');
  const choice = await window.showInformationMessage(l10n.t('There is no *.dmi.json here yet. A spec holds one question about one model.'), create);
  if (choice === create) await vscodeCommands.executeCommand(commands.newSpec);
}
