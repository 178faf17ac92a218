import { stat } from 'node:fs/promises';
import { Disposable, workspace, type Uri } from 'vscode';

/** Where nothing of ours is looked for: packages, git's own files, and runs, which are a picture for every step. */
const passedOver = /\/(?:node_modules|\.git|\.dmi)(?:\/|$)/;

/** Folders that are being downloaded (`hub/pull`). */
const unfinished = /\.partial(?:\/|$)/;

export interface ContentWatch {
  /** Names of the files that matter. */
  readonly names: RegExp;
  /** Told that such a file has come, has gone, or may have. @param uri of the file, or of a folder around it */
  readonly onDidComeOrGo: (uri: Uri) => void;
  /** Told that one has been written anew. */
  readonly onDidChange?: (uri: Uri) => void;
}

/**
 * Watch the workspace for files of some names, also where they come or go with a folder around them: of a folder that is copied, moved or deleted as a whole (so a download gets its place), VS Code
 * names the folder and nothing in it, so a watch for names of files never hears of it.
 */
export function watchContent({ names, onDidComeOrGo, onDidChange }: ContentWatch): Disposable {
  const watcher = workspace.createFileSystemWatcher('**/*', false, onDidChange === undefined);
  const isOurs = ({ scheme, path }: Uri): boolean => scheme === 'file' && !passedOver.test(path) && !unfinished.test(path);
  const matters = ({ path }: Uri): boolean => names.test(path.slice(path.lastIndexOf('/') + 1));
  let over = false;

  async function come(uri: Uri): Promise<void> {
    if (!isOurs(uri)) return;
    const counts = matters(uri) || await stat(uri.fsPath).then((status) => status.isDirectory(), () => false);
    if (counts && !over) onDidComeOrGo(uri);
  }
  return Disposable.from(
    watcher, { dispose: () => { over = true; } },
    watcher.onDidCreate((uri) => { void come(uri); }),
    watcher.onDidChange((uri) => { if (isOurs(uri) && matters(uri)) onDidChange?.(uri); }),
    // what has gone was a file that matters, or perhaps a folder: nobody can tell any more
    watcher.onDidDelete((uri) => { if (isOurs(uri) && (matters(uri) || !/\.[a-z]{1,4}$/i.test(uri.path))) onDidComeOrGo(uri); }),
  );
}
