import { l10n, Uri, window, workspace } from 'vscode';
import type { RunSummary } from '../../experiment/readRunFolder.ts';
import { views } from '../ids.ts';
import { deleteRunFolders } from './deletion.ts';
import type { WorkspaceRuns } from './workspaceRuns.ts';

/** Delete run folders once people have agreed, in VS Code's own dialog. */
export async function deleteRuns(runs: WorkspaceRuns, chosen: readonly Pick<RunSummary, 'folder'>[]): Promise<void> {
  await deleteRunFolders(chosen.map(({ folder }) => folder), {
    t: l10n.t, remove, refresh: () => { runs.refresh(); },
    confirm: async (question, yes, detail) => await window.showWarningMessage(question, { modal: true, ...(detail !== undefined && { detail }) }, yes) === yes,
    tell: (message) => Promise.resolve(window.showErrorMessage(message)),
  });
}

/** @returns the folders that are still there */
async function remove(folders: readonly string[], useTrash: boolean): Promise<string[]> {
  return await window.withProgress({ location: { viewId: views.runs } }, async () => {
    const left: string[] = [];
    for (const folder of folders) {
      const gone = await workspace.fs.delete(Uri.file(folder), { recursive: true, useTrash }).then(() => true, () => false);
      if (!gone && await workspace.fs.stat(Uri.file(folder)).then(() => true, () => false)) left.push(folder);
    }
    return left;
  });
}
