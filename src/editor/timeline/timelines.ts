import { dirname } from 'node:path';
import { Uri, ViewColumn, window, type CustomDocument, type TextDocument, type WebviewPanel } from 'vscode';
import { views } from '../ids.ts';
import type { Services } from '../services.ts';
import { findSpec } from '../targetSpec.ts';
import { parseSource } from './panelSource.ts';
import { comparisonTitle, fillRunsPanel, showInputError } from './runsPanel.ts';
import { SaeNames } from './saeNames.ts';
import { createSpecPanel, fillSpecPanel, openSpec, specTitle } from './specPanel.ts';

/** Timelines: of a spec beside its editor, of runs side by side, and of one stored run as what `run.json` opens with. */
export function createTimelines(services: Services) {
  const names = new SaeNames();
  const specPanels = new Map<string, WebviewPanel>();
  const comparisons = new Map<string, WebviewPanel>();

  async function fillSpec(panel: WebviewPanel, document: TextDocument): Promise<void> {
    keep(specPanels, document.uri.toString(), panel);
    panel.title = specTitle(document.uri);
    await fillSpecPanel(panel, document, services, names);
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

  /** `run.json` as what it tells of. */
  function resolveCustomEditor({ uri }: CustomDocument, panel: WebviewPanel): void {
    fillRunsPanel(panel, [dirname(uri.fsPath)], services, names).catch(services.report);
  }
  return { openTimeline, openComparison, deserializeWebviewPanel, resolveCustomEditor };
}

function keep(panels: Map<string, WebviewPanel>, key: string, panel: WebviewPanel): void {
  panels.set(key, panel);
  panel.onDidDispose(() => { if (panels.get(key) === panel) panels.delete(key); });
}
