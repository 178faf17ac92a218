import { Disposable, l10n, workspace, type WebviewPanel } from 'vscode';
import type { FromPanel } from '../../../webview/protocol.ts';
import { displayLanguage } from '../displayLanguage.ts';
import { panelPage } from '../panels/panelPage.ts';
import type { Services } from '../services.ts';
import { readFromPanel } from './fromPanelSchema.ts';
import { HeldRuns } from './heldRuns.ts';
import type { PanelReader } from './panelMessages.ts';
import { formatSource, type PanelSource } from './panelSource.ts';
import { findRun, readRunContent } from './runContent.ts';
import type { SaeNames } from './saeNames.ts';
import { TimelineFeed } from './timelineFeed.ts';

/** What a panel may ask for; `ready` is answered here. */
export type PanelActions = { readonly [T in Exclude<FromPanel['type'], 'ready'>]?: (message: Extract<FromPanel, { type: T }>) => unknown };

/** A panel with our page in it. */
export interface TimelinePage {
  readonly feed: TimelineFeed;
  dispose(): void;
}

/**
 * Put the timeline's page into a panel, and answer what it sends.
 * @param actions those that this panel offers; everything else that it asks for is logged and dropped
 */
export function timelinePage(
  panel: WebviewPanel, services: Services, names: SaeNames, { source, specName, actions }: { source: PanelSource; specName: string | null; actions: PanelActions },
): TimelinePage {
  const { log } = services;
  const onError = (error: unknown): void => { log.error(error instanceof Error ? error : String(error)); };
  const held = new HeldRuns(onError);
  const feed = new TimelineFeed({
    post: (message) => panel.webview.postMessage(message),
    reader: pageReader(names),
    frame: { specName, state: { kind: 'loading' }, stale: false, canInsert: specName !== null, canRun: specName !== null && workspace.isTrusted, language: displayLanguage() },
    onError,
    // Where the workspace is not trusted nothing is written, and no engine removes anything.
    onShown: (folders) => { if (workspace.isTrusted) held.hold(folders); },
  });

  const subscriptions = Disposable.from(
    panelPage(panel, services, {
      bundle: 'timeline', source: formatSource(source), read: readFromPanel,
      async answer(message) {
        if (message.type === 'ready') {
          feed.wake();
          return true;
        }
        const action = actions[message.type] as ((asked: FromPanel) => unknown) | undefined;
        await action?.(message);
        return action !== undefined;
      },
    }),
    panel.onDidChangeViewState(() => { if (!panel.visible) feed.sleep(); }),
    workspace.onDidGrantWorkspaceTrust(() => { feed.reframe({ canRun: specName !== null }); }),
  );
  return { feed, dispose: () => { feed.sleep(); held.dispose(); subscriptions.dispose(); } };
}

function pageReader(names: SaeNames): PanelReader {
  return {
    find: (folder) => findRun(folder, l10n.t),
    content: (run) => readRunContent(run, l10n.t),
    names: (site, sae) => names.of(sae, site),
  };
}
