import { basename, dirname } from 'node:path';
import { commands as vscodeCommands, env, l10n, Range, Uri, window, workspace } from 'vscode';
import type { PullPlan } from '../../hub/planPull.ts';
import { useInSpec } from '../../hub/useInSpec.ts';
import { freeName } from '../jobs/newSpecCommand.ts';
import { findPrompt } from '../jobs/specTemplates.ts';
import { modelSpec } from './modelSpec.ts';

/** Say that it is there, and how a spec names it. @param there whether it was before */
export async function offerUse(plan: PullPlan, target: string, there: boolean): Promise<void> {
  const folder = workspace.getWorkspaceFolder(Uri.file(target))?.uri.fsPath ?? dirname(dirname(target));
  const use = useInSpec(plan, target, folder);
  const [newSpec, copy, reveal] = [l10n.t('New Spec'), l10n.t('Copy for a Spec'), l10n.t('Reveal')];
  const name = basename(target);
  const said = there ? l10n.t('{0} is there already, and every checksum is right.', name) : l10n.t('{0} is there, and every checksum is right.', name);
  const choice = await window.showInformationMessage(said, 'model' in use ? newSpec : copy, reveal);
  if (choice === reveal) await vscodeCommands.executeCommand('revealInExplorer', Uri.file(target));
  if (choice === copy) await env.clipboard.writeText(JSON.stringify(use).slice(1, -1));
  if (choice !== newSpec || !('model' in use)) return;
  const text = modelSpec(use.model);
  const uri = await freeName(Uri.file(folder), name);
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  const document = await workspace.openTextDocument(uri);
  const { offset, length } = findPrompt(text);
  await window.showTextDocument(document, { preview: false, selection: new Range(document.positionAt(offset), document.positionAt(offset + length)) });
}
