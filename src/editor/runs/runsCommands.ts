import { basename, dirname, join } from 'node:path';
import { commands as vscodeCommands, env, l10n, UIKind, Uri, window, type TreeView } from 'vscode';
import { readRunFolder, type RunSummary } from '../../experiment/readRunFolder.ts';
import { innerCommands, views } from '../ids.ts';
import { chooseComparison } from '../timeline/chooseComparison.ts';
import { deleteRuns } from './deleteRuns.ts';
import { pythonSnippet } from './pythonSnippet.ts';
import { rerun } from './rerun.ts';
import { nodesMeant, onceEach, runsOf, type RunNode } from './runNode.ts';
import type { RunsContext } from './runsContext.ts';
import { specFolderOf } from './specFolderOf.ts';

/** Commands about stored runs. Each takes the row that was clicked and all that are selected, or the Uri of a run's folder or manifest, or goes by the selection. */
export function runsCommands(context: RunsContext) {
  const about = (act: (nodes: readonly RunNode[]) => unknown) => async (clicked: unknown, selected: unknown): Promise<void> => { await act(await nodesOf(clicked, selected, context.view)); };
  return {
    openRun: about(openRuns),
    compareRuns: about((nodes) => compareRuns(context, nodes)),
    revealRun: about(revealRun),
    rerun: about((nodes) => rerun(context, nodes.flatMap(runsOf))),
    deleteRun: about((nodes) => deleteRuns(context.services.runs, onceEach(nodes.flatMap(deletable)))),
    copyRunSnippet: about(copyRunSnippet),
  };
}

async function nodesOf(clicked: unknown, selected: unknown, view: TreeView<RunNode>): Promise<readonly RunNode[]> {
  if (!(clicked instanceof Uri)) return nodesMeant(clicked as RunNode | undefined, selected as readonly RunNode[] | undefined, view.selection);
  const { fsPath } = clicked;
  const run = await readRunFolder(basename(fsPath) === 'run.json' ? dirname(fsPath) : fsPath);
  if (run === undefined) return [];
  return [run.kind === 'finished' ? { kind: 'run', run, under: 'runs' } : { kind: 'damaged', run }];
}

function deletable(node: RunNode): readonly Pick<RunSummary, 'folder'>[] {
  return node.kind === 'damaged' ? [node.run] : runsOf(node);
}

async function openRuns(nodes: readonly RunNode[]): Promise<void> {
  for (const { folder } of onceEach(nodes.flatMap(deletable))) {
    await vscodeCommands.executeCommand('vscode.openWith', Uri.file(join(folder, 'run.json')), views.run);
  }
}

async function compareRuns({ services }: RunsContext, nodes: readonly RunNode[]): Promise<void> {
  const folders = onceEach(nodes.flatMap(runsOf)).map(({ folder }) => folder);
  const first = folders.at(0);
  if (folders.length > 1) await vscodeCommands.executeCommand(innerCommands.openComparison, folders);
  else if (first !== undefined) await chooseComparison(services, specFolderOf(first) ?? dirname(first), folders);
  else await window.showInformationMessage(l10n.t('Select the runs to compare in the DMI Lens view first.'));
}

/** Where a window has its own desktop, in its file manager; else among the editor's files. */
async function revealRun(nodes: readonly RunNode[]): Promise<void> {
  const run = nodes.flatMap(deletable).at(0);
  if (run === undefined) return;
  const desktop = env.uiKind === UIKind.Desktop && env.remoteName === undefined;
  await vscodeCommands.executeCommand(desktop ? 'revealFileInOS' : 'revealInExplorer', Uri.file(join(run.folder, 'run.json')));
}

async function copyRunSnippet(nodes: readonly RunNode[]): Promise<void> {
  const folders = onceEach(nodes.flatMap(runsOf)).map(({ folder }) => folder);
  if (folders.length === 0) return;
  await env.clipboard.writeText(pythonSnippet(folders));
  window.setStatusBarMessage(folders.length === 1 ? l10n.t('Copied: Python that loads the run') : l10n.t('Copied: Python that loads {0} runs', folders.length), 4000);
}
