import { basename } from 'node:path';
import { commands as vscodeCommands, Range, Uri, window, workspace, type TextDocument } from 'vscode';
import { useInSpec } from '../../hub/useInSpec.ts';
import { commands } from '../ids.ts';
import { freeName } from '../jobs/newSpecCommand.ts';
import { findPrompt } from '../jobs/specTemplates.ts';
import { modelSpec, samplingOf } from './modelSpec.ts';

/** Write a spec with a model, and show it: the cursor waits in its prompt. @param folder for the spec @param model folder of the pipeline; both absolute */
export async function newModelSpec(folder: string, model: string): Promise<TextDocument> {
  const use = useInSpec({ kind: 'pipeline', files: [] }, model, folder);
  const text = modelSpec('model' in use ? use.model : model, await samplingOf(model));
  const uri = await freeName(Uri.file(folder), basename(model));
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  const document = await workspace.openTextDocument(uri);
  const { offset, length } = findPrompt(text);
  await window.showTextDocument(document, { preview: false, selection: new Range(document.positionAt(offset), document.positionAt(offset + length)) });
  return document;
}

/** The row of a model was clicked: a spec with it, at the top of its workspace folder. */
export async function newSpecOf(clicked: unknown): Promise<void> {
  if (typeof clicked !== 'object' || clicked === null || !('folder' in clicked) || typeof clicked.folder !== 'string') return;
  const { folder } = clicked;
  const workspaceFolder = workspace.getWorkspaceFolder(Uri.file(folder));
  // what is built in lies in no workspace, and has the common questions to start from
  if (workspaceFolder === undefined) await vscodeCommands.executeCommand(commands.newSpec);
  else await newModelSpec(workspaceFolder.uri.fsPath, folder);
}
