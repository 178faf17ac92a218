import { commands as vscodeCommands, Disposable, EventEmitter, window, type TreeView } from 'vscode';
import { commands, innerCommands, views } from '../ids.ts';
import { lazily } from '../lazily.ts';
import type { Contribution } from '../services.ts';
import type { RunNode } from './runNode.ts';

const { openRun, compareRuns, revealRun, rerun, deleteRun, copyRunSnippet, refreshRuns } = commands;
const own = { openRun, compareRuns, revealRun, rerun, deleteRun, copyRunSnippet, refreshRuns, moreRuns: innerCommands.moreRuns };

/** The view of specs, runs and models, with its commands. */
export const runsContribution: Contribution = ({ services }) => {
  const changed = new EventEmitter<RunNode | undefined>();
  const view: TreeView<RunNode> = window.createTreeView(views.runs, {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: async (node) => (await filled()).tree.getChildren(node),
      getTreeItem: async (node) => (await filled()).tree.getTreeItem(node),
      resolveTreeItem: async (item, node) => (await filled()).tree.resolveTreeItem(item, node),
    },
    canSelectMany: true, showCollapseAll: true,
  });
  const filled = lazily(async () => {
    const [{ createRunsView }, loaded] = await Promise.all([import('./runsView.ts'), services()]);
    return createRunsView(loaded, view, changed);
  });
  return Disposable.from(
    changed, view, filled,
    ...Object.entries(own).map(([name, id]) =>
      vscodeCommands.registerCommand(id, async (clicked: unknown, selected: unknown) => { await (await filled()).commands[name as keyof typeof own](clicked, selected); })),
  );
};
