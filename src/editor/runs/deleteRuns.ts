import { l10n, Uri, window, workspace } from 'vscode';
import type { RunSummary } from '../../experiment/readRunFolder.ts';
import { isRunFolder } from '../../experiment/runCatalogue.ts';
import { views } from '../ids.ts';
import type { WorkspaceRuns } from './workspaceRuns.ts';

/** Delete run folders once people have agreed: into the trash where there is one. */
export async function deleteRuns(runs: WorkspaceRuns, chosen: readonly Pick<RunSummary, 'folder'>[]): Promise<void> {
  const folders = chosen.map(({ folder }) => folder).filter(isRunFolder);
  if (folders.length === 0) return;
  const question = folders.length === 1 ? l10n.t('Delete this run?') : l10n.t('Delete {0} runs?', folders.length);
  if (!await agreed(question, l10n.t('What is deleted can be computed again by running its spec.'), l10n.t('Delete'))) return;
  const left = await remove(folders, true);
  // Remote disks, and some local ones, have no trash.
  if (left.length > 0 && await agreed(
    left.length === 1 ? l10n.t('The run cannot be moved to the trash. Delete it for good?') : l10n.t('{0} runs cannot be moved to the trash. Delete them for good?', left.length),
    undefined, l10n.t('Delete for Good'),
  )) {
    const stuck = await remove(left, false);
    if (stuck.length > 0) await window.showErrorMessage(l10n.t('{0} could not be deleted: check who owns it, and whether something holds it open.', stuck[0]));
  }
  runs.refresh();
}

async function agreed(question: string, detail: string | undefined, yes: string): Promise<boolean> {
  return await window.showWarningMessage(question, { modal: true, ...(detail !== undefined && { detail }) }, yes) === yes;
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
