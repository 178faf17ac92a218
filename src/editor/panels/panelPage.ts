import { randomBytes } from 'node:crypto';
import type { Disposable} from 'vscode';
import { Uri, type WebviewPanel } from 'vscode';
import { displayLanguage } from '../displayLanguage.ts';
import type { Services } from '../services.ts';
import { pageHtml } from './pageHtml.ts';

/** A page of ours, and what becomes of its messages. */
interface PageParts<From extends { readonly type: string }> {
  /** Its folder below dist/. */
  readonly bundle: 'timeline' | 'compare' | 'sweep';
  /** Kept by the page over a reload. */
  readonly source: string;
  /** A message, once it is known to be one; undefined for anything else. */
  readonly read: (raw: unknown) => From | undefined;
  /** Answers a message. @returns false where this panel does not offer that */
  readonly answer: (message: From) => Promise<boolean>;
}

/** More characters of a message that was refused are not worth keeping. */
const mostLogged = 200;

/** Put a page into a panel; what it sends is looked at only through `read`, and what it cannot have is logged and dropped. */
export function panelPage<From extends { readonly type: string }>(panel: WebviewPanel, { context, log, report }: Services, { bundle, source, read, answer }: PageParts<From>): Disposable {
  const { webview } = panel;
  const root = Uri.joinPath(context.extensionUri, 'dist', bundle);
  webview.options = { enableScripts: true, localResourceRoots: [root] };
  const take = async (raw: unknown): Promise<void> => {
    const message = read(raw);
    if (message === undefined || !await answer(message)) log.warn(`a ${bundle} panel asked for something that it cannot have: ${shortly(raw)}`);
  };
  const subscription = webview.onDidReceiveMessage((raw: unknown) => { take(raw).catch(report); });
  webview.html = pageHtml({
    script: webview.asWebviewUri(Uri.joinPath(root, 'main.js')).toString(), style: webview.asWebviewUri(Uri.joinPath(root, 'main.css')).toString(),
    cspSource: webview.cspSource, nonce: randomBytes(16).toString('base64url'), language: displayLanguage(), title: panel.title, source,
  });
  return subscription;
}

/** What can be said of a message that nobody vouches for. */
function shortly(raw: unknown): string {
  const type: unknown = typeof raw === 'object' && raw !== null && 'type' in raw ? raw.type : typeof raw;
  return JSON.stringify(String(type).slice(0, mostLogged));
}
