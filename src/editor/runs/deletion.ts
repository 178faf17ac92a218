import { resolve } from 'node:path';
import { resolveInside } from '../../base/insideFolder.ts';
import { isRunFolder } from '../../experiment/runCatalogue.ts';
import type { Translate } from '../translate.ts';
import { specFolderOf } from './specFolderOf.ts';

/** What deleting asks of its surroundings. */
export interface DeletionWorld {
  /** Ask people. @param yes what they agree to. @returns whether they do */
  readonly confirm: (question: string, yes: string, detail?: string) => Promise<boolean>;
  /** Remove folders with all that they hold. @returns those that are still there */
  readonly remove: (folders: readonly string[], useTrash: boolean) => Promise<readonly string[]>;
  readonly tell: (message: string) => Promise<unknown>;
  /** The list of runs is to be read anew. */
  readonly refresh: () => void;
  readonly t: Translate;
}

/** Delete run folders once people have agreed: into the trash where there is one. What is no folder of a store is left alone. @param chosen absolute paths */
export async function deleteRunFolders(chosen: readonly string[], { confirm, remove, tell, refresh, t }: DeletionWorld): Promise<void> {
  const stored = await Promise.all(chosen.map(isStored));
  const folders = chosen.filter((_, index) => stored[index]);
  if (folders.length === 0) return;
  const question = folders.length === 1 ? t('Delete this run?') : t('Delete {0} runs?', folders.length);
  if (!await confirm(question, t('Delete'), t('What is deleted can be computed again by running its spec.'))) return;
  const left = await remove(folders, true);
  // Remote disks, and some local ones, have no trash.
  if (left.length > 0 && await confirm(
    left.length === 1 ? t('The run cannot be moved to the trash. Delete it for good?') : t('{0} runs cannot be moved to the trash. Delete them for good?', left.length),
    t('Delete for Good'),
  )) {
    const stuck = await remove(left, false);
    if (stuck.length > 0) await tell(t('{0} could not be deleted: check who owns it, and whether something holds it open.', stuck[0]));
  }
  refresh();
}

/** Whether a path is that of a run in the store of its spec's folder, and neither it nor anything on its way leads elsewhere. */
async function isStored(path: string): Promise<boolean> {
  const specFolder = specFolderOf(path);
  if (specFolder === undefined || path !== resolve(path) || !isRunFolder(path)) return false;
  return await resolveInside(specFolder, path.slice(specFolder.length).replace(/^[/\\]/, '')).then(() => true, () => false);
}
