import { basename } from 'node:path';
import { l10n, Range, Selection, Uri, ViewColumn, window, workspace, WorkspaceEdit, type TextDocument, type TextEditor } from 'vscode';
import { InputError } from '../../base/errors.ts';
import { experimentAt, insertEdit } from '../../spec/insertEdit.ts';
import type { DrawnEdit } from '../../../webview/protocol.ts';
import { editOf, maskPicture } from './drawnEdit.ts';

/** A painted region's file and its content. */
interface MaskFile {
  readonly uri: Uri;
  readonly name: string;
  readonly contents: Uint8Array;
}

/** More masks than this beside one spec, and something is wrong. */
const mostMasks = 9999;

/**
 * Write an edit from the panel into its spec: into the experiment under the text cursor, else into the one that got the last one, else into a new one.
 * It is one change that can be undone, a painted region's file included; the new edit stands selected in the editor afterwards.
 * @param last the experiment that got the last edit from this panel
 * @returns the experiment that has it now. @throws InputError when the spec has errors or would have one
 */
export async function insertDrawnEdit(document: TextDocument, drawn: DrawnEdit, last: string | undefined): Promise<string> {
  const mask = typeof drawn.where === 'object' && 'painted' in drawn.where ? await maskFile(document, drawn.where.painted) : undefined;
  // From here on nothing is awaited until the change is handed over, so that it fits the text.
  const editor = editorOf(document.uri);
  const under = editor && experimentAt(document.getText(), document.offsetAt(editor.selection.active));
  const { insertions, experiment, range } = insertEdit(document.getText(), document.uri.fsPath, editOf(drawn, mask?.name), under ?? last);
  const change = new WorkspaceEdit();
  if (mask !== undefined) change.createFile(mask.uri, { contents: mask.contents, overwrite: false, ignoreIfExists: false });
  for (const { offset, text } of insertions) change.insert(document.uri, document.positionAt(offset), text);
  if (!await workspace.applyEdit(change)) {
    throw new InputError(l10n.t('the edit could not be written into the spec'), { file: document.uri.fsPath, remedy: l10n.t('See that the file can be written, and insert it again.') });
  }
  const added = new Range(document.positionAt(range.offset), document.positionAt(range.offset + range.length));
  await select(document, editor, added);
  return experiment;
}

/** Without taking the keyboard from the panel. */
async function select(document: TextDocument, editor: TextEditor | undefined, range: Range): Promise<void> {
  const shown = await window.showTextDocument(document, { viewColumn: editor?.viewColumn ?? ViewColumn.One, preserveFocus: true, preview: false });
  shown.selection = new Selection(range.start, range.end);
  shown.revealRange(range);
}

/** The editor that shows a document, the active one first. */
export function editorOf(uri: Uri): TextEditor | undefined {
  const editors = [window.activeTextEditor, ...window.visibleTextEditors];
  return editors.find((editor) => editor?.document.uri.toString() === uri.toString());
}

/** `<spec>-mask-1.png` beside the spec, or the first such name that is free. */
async function maskFile({ uri }: TextDocument, painting: Parameters<typeof maskPicture>[0]): Promise<MaskFile> {
  const picture = maskPicture(painting);
  if (picture === undefined) throw new InputError(l10n.t('nothing is painted'), { file: uri.fsPath, remedy: l10n.t('Paint the region first, or take another tool.') });
  if (uri.scheme !== 'file') throw new InputError(l10n.t('a painted region needs a folder for its picture'), { file: uri.fsPath, remedy: l10n.t('Save the spec first.') });
  const { encodePng } = await import('../../diffusion/png.ts'); // only painting needs it
  const contents = new Uint8Array(await encodePng(picture));
  for (let number = 1; number <= mostMasks; number++) {
    const name = `${basename(uri.path, '.dmi.json')}-mask-${number}.png`;
    const file = Uri.joinPath(uri, '..', name);
    if (!await exists(file)) return { uri: file, name, contents };
  }
  throw new InputError(l10n.t('there are {0} masks beside this spec', mostMasks), { file: uri.fsPath, remedy: l10n.t('Delete those that no spec names.') });
}

async function exists(uri: Uri): Promise<boolean> {
  return await workspace.fs.stat(uri).then(() => true, () => false);
}
