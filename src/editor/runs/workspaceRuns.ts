import { dirname } from 'node:path';
import { Disposable, EventEmitter, workspace, type Event, type Memento, type Uri } from 'vscode';
import type { JobQueue } from '../../engine/job.ts';
import { ContentHashes, type KnownHash } from '../../experiment/contentHashes.ts';
import type { RunEntry } from '../../experiment/readRunFolder.ts';
import { RunCatalogue } from '../../experiment/runCatalogue.ts';
import { runsOfSpec, type SeedRun } from '../../experiment/runsOfSpec.ts';
import type { ParsedSpec } from '../../spec/parseSpec.ts';
import { settings, settingsSection } from '../ids.ts';
import { providerOf } from '../jobs/engineSettings.ts';
import { isActive } from '../jobs/statusOf.ts';
import { throttle } from '../throttle.ts';
import { specFolderOf } from './specFolderOf.ts';

/** The stored runs of the workspace: one memory and one watch for every part of the editor. */
export interface WorkspaceRuns {
  /** Every run beside the specs of a folder, newest first. @param specFolder absolute */
  list(specFolder: string): Promise<readonly RunEntry[]>;
  /** Per seed of a spec the run that answers it. @param specFolder absolute: where the spec lies */
  ofSpec(parsed: ParsedSpec, specFolder: string): Promise<SeedRun[]>;
  /** Forget what was read, and say that all may have changed. */
  refresh(): void;
  /** The folders of specs beside which runs may have come or gone; undefined: any. */
  readonly onDidChange: Event<ReadonlySet<string> | undefined>;
  dispose(): void;
}

/** Where runs come and go: a folder that is renamed or removed as a whole is reported by its own name alone. */
const watched = '**/.dmi{,/runs,/runs/*,/runs/*/run.json}';
/** Runs of a job end within moments of each other, and each is several files. */
const leastBetweenMs = 250;

const hashesKey = 'dmi.hashes';

/** Watches; nothing is read before it is asked for. @param memento where hashes of models are kept for the next window */
export function createWorkspaceRuns(queue: JobQueue, memento: Memento): WorkspaceRuns {
  const catalogue = new RunCatalogue();
  const emitter = new EventEmitter<ReadonlySet<string> | undefined>();
  let changed = new Set<string>();
  const tell = throttle(leastBetweenMs, () => {
    const folders = changed;
    changed = new Set();
    emitter.fire(folders);
  });
  const anyChanged = (): void => { emitter.fire(undefined); };
  const learned = throttle(leastBetweenMs, anyChanged);
  const hashes = new ContentHashes({
    get: () => memento.get<readonly KnownHash[]>(hashesKey, []),
    set: (known) => { void memento.update(hashesKey, known); },
  }, () => { learned.call(); });
  const provider = (): string => providerOf((key) => workspace.getConfiguration(settingsSection).get(key));
  const note = (specFolder: string | undefined): void => {
    if (specFolder === undefined) return;
    changed.add(specFolder);
    tell.call();
  };
  const noteUri = ({ scheme, fsPath }: Uri): void => { if (scheme === 'file') note(specFolderOf(fsPath)); };

  const watcher = workspace.createFileSystemWatcher(watched);
  const watches = Disposable.from(
    watcher, watcher.onDidCreate(noteUri), watcher.onDidChange(noteUri), watcher.onDidDelete(noteUri), emitter, tell, learned,
    // Watchers of network disks may be late, or absent.
    queue.onDidChange(({ file, state }) => { if (!isActive(state)) note(dirname(file)); }),
    workspace.onDidChangeConfiguration((event) => { if (event.affectsConfiguration(`${settingsSection}.${settings.provider}`)) anyChanged(); }),
  );
  return {
    list: (specFolder) => catalogue.list(specFolder),
    ofSpec: (parsed, specFolder) => runsOfSpec(parsed, specFolder, { catalogue, hashes, provider: provider() }),
    refresh() {
      catalogue.forget();
      anyChanged();
    },
    onDidChange: emitter.event,
    dispose() { watches.dispose(); },
  };
}
