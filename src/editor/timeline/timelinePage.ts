import { randomBytes } from 'node:crypto';
import { Disposable, l10n, Uri, workspace, type WebviewPanel } from 'vscode';
import type { FromPanel } from '../../../webview/protocol.ts';
import { displayLanguage } from '../displayLanguage.ts';
import type { Services } from '../services.ts';
import { readFromPanel } from './fromPanelSchema.ts';
import type { PanelReader } from './panelMessages.ts';
import { formatSource, type PanelSource } from './panelSource.ts';
import { findRun, readRunContent } from './runContent.ts';
import type { SaeNames } from './saeNames.ts';
import { TimelineFeed } from './timelineFeed.ts';
import { timelineHtml } from './timelineHtml.ts';

/** What a panel may ask for; `ready` is answered here. */
export type PanelActions = { readonly [T in Exclude<FromPanel['type'], 'ready'>]?: (message: Extract<FromPanel, { type: T }>) => unknown };

/** A panel with our page in it. */
export interface TimelinePage {
  readonly feed: TimelineFeed;
  dispose(): void;
}

/** More characters of a message that was refused are not worth keeping. */
const mostLogged = 200;

/**
 * Put the timeline's page into a panel, and answer what it sends.
 * @param actions those that this panel offers; everything else that it asks for is logged and dropped
 */
export function timelinePage(
  panel: WebviewPanel, { context, log }: Services, names: SaeNames, { source, specName, actions }: { source: PanelSource; specName: string | null; actions: PanelActions },
): TimelinePage {
  const { webview } = panel;
  const root = Uri.joinPath(context.extensionUri, 'dist', 'timeline');
  const language = displayLanguage();
  webview.options = { enableScripts: true, localResourceRoots: [root] };
  const onError = (error: unknown): void => { log.error(error instanceof Error ? error : String(error)); };
  const feed = new TimelineFeed({
    post: (message) => webview.postMessage(message),
    reader: pageReader(names),
    frame: { specName, state: { kind: 'loading' }, stale: false, canInsert: specName !== null, canRun: specName !== null && workspace.isTrusted, language },
    onError,
  });

  async function answer(raw: unknown): Promise<void> {
    const message = readFromPanel(raw);
    if (message?.type === 'ready') {
      feed.wake();
      return;
    }
    const action = message === undefined ? undefined : actions[message.type] as ((asked: FromPanel) => unknown) | undefined;
    if (message === undefined || action === undefined) {
      log.warn(`a timeline panel asked for something that it cannot have: ${shortly(raw)}`);
      return;
    }
    await action(message);
  }

  const subscriptions = Disposable.from(
    webview.onDidReceiveMessage((raw: unknown) => { answer(raw).catch(onError); }),
    panel.onDidChangeViewState(() => { if (!panel.visible) feed.sleep(); }),
    workspace.onDidGrantWorkspaceTrust(() => { feed.reframe({ canRun: specName !== null }); }),
  );
  webview.html = timelineHtml({
    script: webview.asWebviewUri(Uri.joinPath(root, 'main.js')).toString(), style: webview.asWebviewUri(Uri.joinPath(root, 'main.css')).toString(),
    cspSource: webview.cspSource, nonce: randomBytes(16).toString('base64url'), language, title: panel.title, source: formatSource(source),
  });
  return { feed, dispose: () => { feed.sleep(); subscriptions.dispose(); } };
}

function pageReader(names: SaeNames): PanelReader {
  return {
    find: (folder) => findRun(folder, l10n.t),
    content: (run) => readRunContent(run, l10n.t),
    names: (site, sae) => names.of(sae, site),
  };
}

/** What can be said of a message that nobody vouches for. */
function shortly(raw: unknown): string {
  const type: unknown = typeof raw === 'object' && raw !== null && 'type' in raw ? raw.type : typeof raw;
  return JSON.stringify(String(type).slice(0, mostLogged));
}
