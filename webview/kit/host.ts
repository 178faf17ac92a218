import type { PanelMemory } from '../protocol.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: PanelMemory): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The editor at the other end of the channel, which takes messages of one kind. */
export interface Host<Message> {
  send(message: Message): void;
  /** What `keep` was given before a reload of the same source. */
  recall(): unknown;
  keep(view: unknown): void;
}

/** Connect with the editor; VS Code allows it once. @param source what the panel shows, as the host names it */
export function connectHost<Message>(source: string): Host<Message> {
  const api = acquireVsCodeApi();
  const state = api.getState();
  const view: unknown = typeof state === 'object' && state !== null && 'source' in state && state.source === source && 'view' in state ? state.view : undefined;
  api.setState({ source, view }); // also for a panel that nobody touches: the editor fills it again by what it finds here
  return {
    send(message) {
      api.postMessage(message);
    },
    recall() {
      return view;
    },
    keep(view) {
      api.setState({ source, view });
    },
  };
}
