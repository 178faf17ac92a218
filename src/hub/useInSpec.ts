import { join, relative, sep } from 'node:path';
import { nameOf } from './hubId.ts';
import type { PullPlan } from './planPull.ts';
import { saeFolders } from './saeFiles.ts';

/** SAEs are found this many folders below the one that a spec names (sae/loadSaes). */
const deepest = 3;

/** How a spec names what was pulled: `{ model: 'models/name' }`, or `{ saes: ['saes/name'] }` with the folders that hold SAE folders. @param from folder of the spec */
export function useInSpec({ kind, files }: Pick<PullPlan, 'kind' | 'files'>, target: string, from: string): { model: string } | { saes: string[] } {
  const way = relative(from, target).split(sep).join('/') || '.';
  if (kind === 'pipeline') return { model: way };
  const folders = saeFolders(files.map(({ to }) => to));
  const around = [...new Set(folders.map((folder) => folder.split('/').slice(0, -deepest).join('/')))];
  return { saes: around.map((folder) => (folder === '' ? way : `${way}/${folder}`)) };
}

/** Where pulled things go if nobody says otherwise: beside the specs, in a folder of their kind. */
export function defaultFolder(kind: PullPlan['kind']): 'models' | 'saes' {
  return kind === 'pipeline' ? 'models' : 'saes';
}

/** The folder of a plan below that of its kind: the repository's name, and the folder of it that was chosen. */
export function folderName({ id, folder }: Pick<PullPlan, 'id' | 'folder'>): string {
  return join(nameOf(id), folder);
}
