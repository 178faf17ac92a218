import { basename } from 'node:path';
import { Range, Uri, window, workspace, type TextDocument } from 'vscode';
import { useInSpec } from '../../hub/useInSpec.ts';
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
