import { basename, dirname, join } from 'node:path';
import { commands as vscodeCommands, Range, Uri, window, workspace, WorkspaceEdit, type TextDocument } from 'vscode';
import { InputError } from '../../base/errors.ts';
import type { RunSummary } from '../../experiment/readRunFolder.ts';
import { asksFor } from '../../experiment/runsOfSpec.ts';
import type { ParsedSpec } from '../../spec/parseSpec.ts';
import { resolveFolders } from '../../spec/resolveFolders.ts';
import { commands } from '../ids.ts';
import { mayRun } from '../jobs/mayRun.ts';
import { parseAnySpec } from './parseAnySpec.ts';
import type { RunsContext } from './runsContext.ts';
import { specFolderOf } from './specFolderOf.ts';
import { specOfRuns } from './specOfRuns.ts';
import type { WorkspaceRuns } from './workspaceRuns.ts';

/** Run again what led to stored runs: their spec where it is still there, else one written from what defines them, which nobody has to keep. */
export async function rerun(context: Pick<RunsContext, 'services' | 'content' | 'builtinModel'>, chosen: readonly RunSummary[]): Promise<void> {
  const first = chosen.at(0);
  const folder = first && specFolderOf(first.folder);
  if (first === undefined || folder === undefined || !await mayRun()) return;
  const runs = chosen.filter((run) => specFolderOf(run.folder) === folder && run.question === first.question);
  const spec = await findSpec(context, runs, folder) ?? await writeSpec(runs, folder, context.builtinModel);
  await window.showTextDocument(spec);
  await vscodeCommands.executeCommand(commands.runTrace, spec.uri);
}

/** The spec in a folder that asks for all of these runs, of the model that they were made with: the one in that folder, whatever has become of it, or one of the same content. */
async function findSpec({ services, content }: Pick<RunsContext, 'services' | 'content'>, runs: readonly RunSummary[], folder: string): Promise<TextDocument | undefined> {
  for (const uri of await content.specs()) {
    if (dirname(uri.fsPath) !== folder) continue;
    const parsed = await parseAnySpec(uri, services.specs).catch(onlyInputErrors);
    if (parsed !== undefined && await asksForAll(parsed, runs, services.runs)) return await workspace.openTextDocument(uri);
  }
  return undefined;
}

async function asksForAll(parsed: ParsedSpec, runs: readonly RunSummary[], known: WorkspaceRuns): Promise<boolean> {
  const { spec } = parsed;
  if (spec === undefined || !runs.every((run) => asksFor(spec, run.definition))) return false;
  const folders = await resolveFolders(parsed).catch(onlyInputErrors);
  if (folders === undefined) return false;
  if (runs.every(({ sources }) => sources.model === folders.model)) return true;
  const found = (await known.ofSpec(parsed, folders.spec)).map(({ run }) => run?.folder);
  return runs.every(({ folder }) => found.includes(folder));
}

function onlyInputErrors(error: unknown): undefined {
  if (!(error instanceof InputError)) throw error;
}

/** An unsaved spec beside the runs. */
async function writeSpec(runs: readonly RunSummary[], folder: string, builtinModel: string): Promise<TextDocument> {
  const uri = Uri.file(join(folder, `again-${basename(runs[0].folder).slice(0, 8)}.dmi.json`)).with({ scheme: 'untitled' });
  const document = await workspace.openTextDocument(uri);
  const edit = new WorkspaceEdit();
  edit.replace(uri, new Range(0, 0, document.lineCount, 0), specOfRuns(runs, folder, builtinModel));
  await workspace.applyEdit(edit);
  return document;
}
