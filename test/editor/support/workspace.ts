import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { JobQueue } from '../../../src/engine/job.ts';
import { eventually } from './eventually.ts';

/** Path of a file of the folder that the window shows. */
export function inWorkspace(...names: string[]): string {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return join(folder.uri.fsPath, ...names);
}

/** What `activate()` gives to tests: jobs, so that they wait for states and not for time. */
export async function extensionQueue(): Promise<JobQueue> {
  const extension = vscode.extensions.getExtension<{ queue: JobQueue }>('dmi-lens.dmi-lens');
  if (extension === undefined) throw new Error('the extension dmi-lens.dmi-lens is not there');
  return (await extension.activate()).queue;
}

/** A spec of the built-in model, small enough for a test. */
export function smallSpec(sample: object = {}, parts: object = {}): string {
  return JSON.stringify({
    dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a red house left and a blue tree right, meadow', seeds: [0], steps: 4, guidanceScale: 5, ...sample }, ...parts,
  }, undefined, 2);
}

/** Write a spec and show it. */
export async function openSpec(name: string, text: string): Promise<vscode.TextEditor> {
  await writeFile(inWorkspace(name), text);
  return vscode.window.showTextDocument(vscode.Uri.file(inWorkspace(name)), { viewColumn: vscode.ViewColumn.One, preview: false });
}

/** Start a spec that takes minutes, and wait until it has done some steps. */
export async function runUntilStep(name: string, steps: number): Promise<vscode.TextEditor> {
  const queue = await extensionQueue();
  const editor = await openSpec(name, smallSpec({ steps: 100, seeds: [100, 101, 102, 103, 104, 105, 106, 107] }));
  await vscode.commands.executeCommand('dmi.runTrace', editor.document.uri);
  await eventually(`${name} runs`, () => queue.jobOf(editor.document.fileName)?.state, (state) => state?.kind === 'running' && state.done >= steps, 60);
  return editor;
}

/** Replace an open document's whole text. VS Code refuses an edit of a version that it has moved on from, and is then asked again. */
export async function rewrite({ document }: vscode.TextEditor, text: string): Promise<void> {
  await eventually('the edit is applied', () => {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    return vscode.workspace.applyEdit(edit);
  }, (applied) => applied);
}

/** Titles of a document's lenses, from top to bottom. */
export async function lensTitles(uri: vscode.Uri): Promise<string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 1000);
  return lenses.map(({ command }) => command?.title ?? '');
}

/** Names of the runs in the workspace that somebody holds. */
export async function heldRuns(): Promise<Set<string>> {
  const folder = inWorkspace('.dmi', 'open');
  const files = await readdir(folder).catch(() => []);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8').catch(() => '[]'))); // one may be let go while we look
  return new Set(texts.flatMap((text) => JSON.parse(text) as string[]));
}

/** Every tab, with the kind of thing it shows. */
export function tabs(): { label: string; viewType: string; column: number }[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs: shown, viewColumn }) => shown.map(({ label, input }) => ({
    label, column: viewColumn, viewType: input instanceof vscode.TabInputWebview || input instanceof vscode.TabInputCustom ? input.viewType : 'text',
  })));
}
