import { commands as vscodeCommands, Disposable, l10n, window } from 'vscode';
import { commands, innerCommands, views } from '../ids.ts';
import type { Contribution } from '../services.ts';
import { throttle } from '../throttle.ts';
import { parseAnySpec } from './parseAnySpec.ts';
import { RunsTree } from './runsTree.ts';
import { runsCommands } from './runsCommands.ts';
import { createWorkspaceContent } from './workspaceContent.ts';

/** "2 min ago" is true for a minute. */
const tickMs = 60_000;
/** Steps of a job come faster than anybody reads them. */
const leastBetweenMs = 250;

/** The view of specs, runs and models, with its commands. */
export const runsContribution: Contribution = (services) => {
  const { context, queue, runs, specs } = services;
  const builtinModel = context.asAbsolutePath('models/scenes');
  const content = createWorkspaceContent(runs);
  const tree = new RunsTree(queue, { content, runs, builtinModel, parse: (uri) => parseAnySpec(uri, specs), t: l10n.t });
  const view = window.createTreeView(views.runs, { treeDataProvider: tree, canSelectMany: true, showCollapseAll: true });

  const working = new Set<string>();
  const drawSpecs = throttle(leastBetweenMs, () => {
    for (const file of working) tree.refreshSpec(file);
    working.clear();
  });
  let clock: NodeJS.Timeout | undefined;
  const tick = (): void => {
    clearInterval(clock);
    clock = view.visible ? setInterval(() => { tree.refresh(); }, tickMs) : undefined;
  };

  return Disposable.from(
    content, tree, view, drawSpecs,
    view.onDidChangeVisibility(tick),
    { dispose: () => { clearInterval(clock); } },
    content.onDidChange(() => { tree.refresh(); }),
    runs.onDidChange(() => { tree.refresh(); }),
    queue.onDidChange(({ file }) => {
      working.add(file);
      drawSpecs.call();
    }),
    vscodeCommands.registerCommand(commands.refreshRuns, () => {
      content.refresh();
      runs.refresh();
    }),
    vscodeCommands.registerCommand(innerCommands.moreRuns, () => { tree.showMore(); }),
    runsCommands({ services, content, builtinModel, view }),
  );
};
