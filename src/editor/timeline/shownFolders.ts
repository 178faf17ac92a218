import type { Memento } from 'vscode';

const key = 'dmi.timeline.runs';
/** Specs whose runs are remembered; the one longest unseen is forgotten. */
const most = 50;

/** The run folders that a spec's panel showed last, kept with the workspace: after a reload they stand there even where the spec has changed since. */
export function shownFolders(memento: Memento, uri: string): { get(): readonly string[]; set(folders: readonly string[]): void } {
  const read = (): [string, string[]][] => memento.get<[string, string[]][]>(key, []);
  return {
    get: () => read().find(([which]) => which === uri)?.[1] ?? [],
    set(folders) {
      void memento.update(key, [[uri, [...folders]], ...read().filter(([which]) => which !== uri)].slice(0, most));
    },
  };
}
