import { commands as vscodeCommands, FileType, l10n, Range, Uri, window, workspace } from 'vscode';
import { capabilities } from '../../engine/capabilities.ts';
import { commands } from '../ids.ts';
import type { Contribution } from '../services.ts';
import { uriOf } from '../targetSpec.ts';
import type { SpecTemplate } from './specTemplates.ts';

/** `DMI: New Spec`: a question is picked, a file written, and the cursor waits in its prompt. */
export const newSpecCommand: Contribution = () =>
  vscodeCommands.registerCommand(commands.newSpec, (folder: unknown, template: unknown) => newSpec(folder, template));

/** @param target folder to write into, or a file beside which; asked where absent. @param id of a template; asked where absent */
async function newSpec(target: unknown, id: unknown): Promise<void> {
  const { findPrompt, specTemplates } = await import('./specTemplates.ts');
  const templates = specTemplates(l10n.t);
  const template = templates.find((one) => one.id === id) ?? await pickTemplate(templates);
  const folder = template && (await folderOf(target) ?? await pickFolder());
  if (template === undefined || folder === undefined) return;
  const uri = await freeName(folder, template.id);
  await workspace.fs.writeFile(uri, new TextEncoder().encode(template.text));
  const document = await workspace.openTextDocument(uri);
  const { offset, length } = findPrompt(template.text);
  await window.showTextDocument(document, { preview: false, selection: new Range(document.positionAt(offset), document.positionAt(offset + length)) });
}

async function pickTemplate(templates: readonly SpecTemplate[]): Promise<SpecTemplate | undefined> {
  const items = templates.map((template) => ({
    label: template.question,
    detail: template.detail,
    ...(!capabilities.includes(template.needs) && { description: l10n.t('can be written and checked, not run yet') }),
    template,
  }));
  return (await window.showQuickPick(items, { title: l10n.t('New Spec'), placeHolder: l10n.t('What do you want to know?'), matchOnDetail: true }))?.template;
}

/** The explorer's menu gives what was clicked: a folder, or a file in one. */
async function folderOf(target: unknown): Promise<Uri | undefined> {
  const uri = uriOf(target);
  if (uri === undefined) return undefined;
  const { type } = await workspace.fs.stat(uri);
  return (type & FileType.Directory) !== 0 ? uri : Uri.joinPath(uri, '..');
}

async function pickFolder(): Promise<Uri | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length === 1) return folders[0]?.uri;
  if (folders.length > 1) return (await window.showWorkspaceFolderPick({ placeHolder: l10n.t('Where is the spec to be written?') }))?.uri;
  return (await window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, openLabel: l10n.t('Write the spec here') }))?.at(0);
}

/** `concepts.dmi.json`, or with the first number that is free. */
export async function freeName(folder: Uri, name: string): Promise<Uri> {
  for (let number = 1; ; number++) {
    const uri = Uri.joinPath(folder, `${name}${number === 1 ? '' : `-${number}`}.dmi.json`);
    const taken = await workspace.fs.stat(uri).then(() => true, () => false);
    if (!taken) return uri;
  }
}
