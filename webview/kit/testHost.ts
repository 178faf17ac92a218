import type { PanelMemory } from '../protocol.ts';

/** What a test can do with a panel that has no editor around it. */
export interface TestHost<To, From> {
  /** Everything that the panel has sent, oldest first. */
  readonly sent: From[];
  /** Send as VS Code does, without its copy. */
  send(message: To): void;
  /** Wear a theme of themes.css, with the class that VS Code gives the body. */
  wear(theme: string, bodyClass: string): void;
}

declare global {
  interface Window {
    acquireVsCodeApi: () => { postMessage(message: unknown): void; getState(): unknown; setState(state: PanelMemory): void };
  }
}

/** Stand in for VS Code on this page, before the panel is loaded. It is no part of any panel. */
export function testHost<To, From>(): TestHost<To, From> {
  const sent: From[] = [];
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => { sent.push(message as From); },
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown,
    setState: (state) => { sessionStorage.setItem('state', JSON.stringify(state)); },
  });
  return {
    sent,
    send(message) {
      window.dispatchEvent(new MessageEvent('message', { data: message }));
    },
    wear(theme, bodyClass) {
      document.documentElement.dataset.theme = theme;
      document.body.className = bodyClass;
    },
  };
}
