import { dirname } from 'node:path';
import { Disposable, EventEmitter, workspace, type Event, type Uri } from 'vscode';
import { specPattern } from '../ids.ts';
import { throttle } from '../throttle.ts';
import { watchContent } from '../watchContent.ts';
import type { WorkspaceRuns } from './workspaceRuns.ts';

/** What of ours lies in the workspace's folders: found when first asked for, and anew after it has changed. Only the local disk counts. */
export interface WorkspaceContent {
  specs(): Promise<readonly Uri[]>;
  /** Folders that hold a spec, or runs. Absolute. */
  specFolders(): Promise<readonly string[]>;
  /** Folders of pipelines. Absolute. */
  models(): Promise<readonly string[]>;
  /** Look anew. */
  refresh(): void;
  /** A spec, a model or an SAE has come or gone, or may have. */
  readonly onDidChange: Event<void>;
  dispose(): void;
}

const modelPattern = '**/model_index.json';
/** Specs, models, and the SAEs below these. */
const rowFiles = /\.dmi\.json$|^(?:model_index|dmi-sae|cfg|config)\.json$|\.(?:safetensors|pth?)$/;
const runPattern = '**/.dmi/runs/*/run.json';
const passedOver = '**/{node_modules,.git}/**';
const mostSpecs = 2000;
const mostModels = 200;
const mostRuns = 20_000;
const leastBetweenMs = 250;

export function createWorkspaceContent(runs: WorkspaceRuns): WorkspaceContent {
  let specs: Promise<readonly Uri[]> | undefined;
  let models: Promise<readonly string[]> | undefined;
  let folders: Promise<readonly string[]> | undefined;
  const emitter = new EventEmitter<void>();
  const tell = throttle(leastBetweenMs, () => { emitter.fire(); });

  const watches = Disposable.from(
    watchContent({
      names: rowFiles,
      onDidComeOrGo: () => {
        specs = undefined;
        models = undefined;
        tell.call();
      },
    }),
    workspace.onDidChangeWorkspaceFolders(() => {
      refresh();
      emitter.fire();
    }),
    runs.onDidChange(() => { folders = undefined; }),
    emitter, tell,
  );

  function refresh(): void {
    specs = undefined;
    models = undefined;
    folders = undefined;
  }
  function findSpecs(): Promise<readonly Uri[]> {
    specs ??= find(specPattern, mostSpecs);
    return specs;
  }
  async function foldersOfSpecs(): Promise<readonly string[]> {
    // `<folder>/.dmi/runs/<hash>/run.json`
    folders ??= find(runPattern, mostRuns).then((found) => [...new Set(found.map(({ fsPath }) => dirname(dirname(dirname(dirname(fsPath))))))]);
    const [withRuns, withSpecs] = await Promise.all([folders, findSpecs()]);
    return [...new Set([...withRuns, ...withSpecs.map(({ fsPath }) => dirname(fsPath))])].sort();
  }
  return {
    specs: findSpecs,
    specFolders: foldersOfSpecs,
    models() {
      models ??= find(modelPattern, mostModels).then((found) => found.map(({ fsPath }) => dirname(fsPath)));
      return models;
    },
    refresh,
    onDidChange: emitter.event,
    dispose() { watches.dispose(); },
  };
}

async function find(pattern: string, most: number): Promise<Uri[]> {
  const found = await workspace.findFiles(pattern, passedOver, most);
  return found.filter(({ scheme }) => scheme === 'file').sort((a, b) => (a.path < b.path ? -1 : 1));
}
