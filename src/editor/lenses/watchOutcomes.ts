import { dirname, join } from 'node:path';
import { Disposable, workspace, type Uri } from 'vscode';
import type { JobQueue } from '../../engine/job.ts';
import { isActive } from '../jobs/statusOf.ts';

/** Where outcomes come and go, `.dmi/experiments/SPEC/NAME/experiment.json`: a folder that is renamed or removed as a whole is reported by its own name alone. */
const watched = '**/.dmi{,/experiments,/experiments/*,/experiments/*/*,/experiments/*/*/experiment.json,/sweeps,/sweeps/*,/sweeps/*/*,/sweeps/*/*/sweep.json}';

/** Watch the outcomes of the workspace. @param changed told the path of a file or a folder */
export function watchOutcomes(queue: JobQueue, changed: (path: string) => void): Disposable {
  const watcher = workspace.createFileSystemWatcher(watched);
  const tell = ({ scheme, fsPath }: Uri): void => { if (scheme === 'file') changed(fsPath); };
  return Disposable.from(
    watcher, watcher.onDidCreate(tell), watcher.onDidChange(tell), watcher.onDidDelete(tell),
    // Watchers of network disks may be late, or absent.
    queue.onDidChange(({ file, state, target }) => { if (target !== undefined && !isActive(state)) changed(join(dirname(file), '.dmi')); }),
  );
}
