import { Disposable, l10n, type EventEmitter, type TreeView } from 'vscode';
import type { Services } from '../services.ts';
import { throttle } from '../throttle.ts';
import { parseAnySpec } from './parseAnySpec.ts';
import type { RunNode } from './runNode.ts';
import { runsCommands } from './runsCommands.ts';
import { RunsTree } from './runsTree.ts';
import { createWorkspaceContent } from './workspaceContent.ts';

/** "2 min ago" is true for a minute. */
const tickMs = 60_000;
/** Steps of a job come faster than anybody reads them. */
const leastBetweenMs = 250;

/** Fills the view of specs, runs and models, and carries out its commands. @param changed as `RunsTree` */
export function createRunsView(services: Services, view: TreeView<RunNode>, changed: EventEmitter<RunNode | undefined>) {
  const { context, queue, runs, specs } = services;
  const builtinModel = context.asAbsolutePath('models/scenes');
  const content = createWorkspaceContent(runs);
  const tree = new RunsTree(queue, { content, runs, builtinModel, parse: (uri) => parseAnySpec(uri, specs), t: l10n.t }, changed);

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
  tick();

  const watches = Disposable.from(
    content, drawSpecs,
    view.onDidChangeVisibility(tick),
    { dispose: () => { clearInterval(clock); } },
    content.onDidChange(() => { tree.refresh(); }),
    runs.onDidChange(() => { tree.refresh(); }),
    queue.onDidChange(({ file }) => {
      working.add(file);
      drawSpecs.call();
    }),
  );
  return {
    tree,
    commands: {
      ...runsCommands({ services, content, builtinModel, view }),
      moreRuns: () => { tree.showMore(); },
      refreshRuns() {
        content.refresh();
        runs.refresh();
      },
    },
    dispose: () => { watches.dispose(); },
  };
}
