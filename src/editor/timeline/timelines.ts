import { dirname } from 'node:path';
import { Uri, ViewColumn, window, workspace, type FileRenameEvent, type CustomDocument, type TextDocument, type WebviewPanel } from 'vscode';
import { views } from '../ids.ts';
import type { Services } from '../services.ts';
import { findSpec } from '../targetSpec.ts';
import { movedPath, type Move } from './movedPath.ts';
import { parseSource } from './panelSource.ts';
import { comparisonTitle, fillRunsPanel, showInputError } from './runsPanel.ts';
import { SaeNames } from './saeNames.ts';
import { shownFolders } from './shownFolders.ts';
import { createSpecPanel, fillSpecPanel, openSpec, specTitle, type PanelFilling } from './specPanel.ts';

/** Timelines: of a spec beside its editor, of runs side by side, and of one stored run as what `run.json` opens with. */
export function createTimelines(services: Services) {
  const names = new SaeNames();
  const specPanels = new Map<string, WebviewPanel>();
  const fillings = new WeakMap<WebviewPanel, PanelFilling>();
  const comparisons = new Map<string, WebviewPanel>();

  async function fillSpec(panel: WebviewPanel, document: TextDocument): Promise<void> {
    keep(specPanels, document.uri.toString(), panel);
    panel.title = specTitle(document.uri);
    fillings.get(panel)?.dispose();
    const filling = fillSpecPanel(panel, document, services, names);
    fillings.set(panel, filling);
    await filling.filled;
  }

  async function openTimeline(target: unknown): Promise<void> {
    const document = await findSpec(target);
    if (document === undefined) return;
    const open = specPanels.get(document.uri.toString());
    if (open === undefined) await fillSpec(await createSpecPanel(views.timeline, document), document);
    else open.reveal(undefined, true);
  }

  async function fillRuns(panel: WebviewPanel, folders: readonly string[]): Promise<void> {
    keep(comparisons, folders.join('\n'), panel);
    panel.title = comparisonTitle();
    await fillRunsPanel(panel, folders, services, names);
  }

  async function openComparison(folders: unknown): Promise<void> {
    if (!Array.isArray(folders) || folders.length === 0 || !folders.every((folder) => typeof folder === 'string')) return;
    const open = comparisons.get(folders.join('\n'));
    if (open === undefined) await fillRuns(window.createWebviewPanel(views.timeline, comparisonTitle(), ViewColumn.Active), folders);
    else open.reveal();
  }

  /** After a reload; what the page kept names what it showed. */
  async function deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const source = parseSource(typeof state === 'object' && state !== null && 'source' in state ? state.source : undefined);
    try {
      if (source?.kind === 'spec') await fillSpec(panel, await openSpec(Uri.parse(source.uri)));
      else if (source?.kind === 'runs') await fillRuns(panel, source.uris.map((uri) => Uri.parse(uri).fsPath));
      else panel.dispose();
    } catch (error) {
      panel.dispose();
      await showInputError(error);
    }
  }

  /** A panel stays with its spec, and with the runs that it shows, under whatever name they lie now. */
  async function follow({ files }: FileRenameEvent): Promise<void> {
    const moves = (part: 'path' | 'fsPath'): Move[] => files.map(({ oldUri, newUri }) => ({ from: oldUri[part], to: newUri[part] }));
    for (const [name, panel] of [...specPanels]) {
      const uri = Uri.parse(name);
      const path = movedPath(uri.path, moves('path'));
      if (path === undefined) continue;
      const moved = uri.with({ path });
      specPanels.delete(name);
      const { workspaceState } = services.context;
      shownFolders(workspaceState, moved.toString()).set(shownFolders(workspaceState, name).get().map((folder) => movedPath(folder, moves('fsPath')) ?? folder));
      await fillSpec(panel, await openSpec(moved));
    }
  }
  const renames = workspace.onDidRenameFiles((event) => { follow(event).catch(services.report); });

  /** `run.json` as what it tells of. */
  function resolveCustomEditor({ uri }: CustomDocument, panel: WebviewPanel): void {
    fillRunsPanel(panel, [dirname(uri.fsPath)], services, names).catch(services.report);
  }
  return { openTimeline, openComparison, deserializeWebviewPanel, resolveCustomEditor, dispose: () => { renames.dispose(); } };
}

function keep(panels: Map<string, WebviewPanel>, key: string, panel: WebviewPanel): void {
  panels.set(key, panel);
  panel.onDidDispose(() => { if (panels.get(key) === panel) panels.delete(key); });
}
