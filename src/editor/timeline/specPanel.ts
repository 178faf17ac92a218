import { basename, dirname } from 'node:path';
import { commands as vscodeCommands, Disposable, env, l10n, ViewColumn, window, workspace, type TextDocument, type Uri, type WebviewPanel } from 'vscode';
import { InputError } from '../../base/errors.ts';
import { commands } from '../ids.ts';
import { showFault } from '../jobs/reportFailures.ts';
import type { Services } from '../services.ts';
import { throttle } from '../throttle.ts';
import { chooseComparison } from './chooseComparison.ts';
import { editorOf, insertDrawnEdit } from './insertDrawnEdit.ts';
import { findRun } from './runContent.ts';
import type { SaeNames } from './saeNames.ts';
import { shownFolders } from './shownFolders.ts';
import { SpecTies } from './specTies.ts';
import { SpecTimeline } from './specTimeline.ts';
import { timelinePage } from './timelinePage.ts';

/** What a panel is filled with. */
export interface PanelFilling {
  /** Resolves when the panel has been given all there is. */
  readonly filled: Promise<void>;
  /** Leave the panel to another filling. */
  dispose(): void;
}

/** Fill a panel with the timeline of a spec, until it is closed. */
export function fillSpecPanel(panel: WebviewPanel, document: TextDocument, services: Services, names: SaeNames): PanelFilling {
  const { queue, specs, runs, context, log } = services;
  const { uri } = document;
  // The editor closes a document that nobody shows, and opens it as another one.
  const spec = (): TextDocument => workspace.textDocuments.find((open) => open.uri.toString() === uri.toString()) ?? document;
  const file = uri.fsPath;
  const name = basename(uri.path);
  let lastExperiment: string | undefined;

  const page = timelinePage(panel, services, names, {
    source: { kind: 'spec', uri: uri.toString() }, specName: name,
    actions: {
      run: () => vscodeCommands.executeCommand(commands.runTrace, uri),
      cancel: () => vscodeCommands.executeCommand(commands.cancel, uri),
      report: () => vscodeCommands.executeCommand(commands.openReport, uri),
      openSpec: () => window.showTextDocument(uri, { viewColumn: editorOf(uri)?.viewColumn ?? ViewColumn.One, preview: false }),
      copy: ({ text }) => env.clipboard.writeText(text),
      compare: () => chooseComparison(services, dirname(file), page.feed.shown?.runs.filter(({ complete }) => complete).map(({ folder }) => folder) ?? []),
      select: ({ site, concept }) => ties.mark(site, concept),
      insertEdit: async ({ edit }) => {
        try {
          lastExperiment = await insertDrawnEdit(await openSpec(uri), edit, lastExperiment);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          const { message, remedy, place } = error;
          await showFault(name, { message, remedy, file: error.file, ...(place !== undefined && { place }) }, log);
        }
      },
    },
  });
  const ties = new SpecTies(uri, specs, page.feed);
  const timeline = new SpecTimeline({
    file, queue, t: l10n.t,
    spec: () => specs.of(spec()).parsed.spec,
    storedRuns: () => runs.ofSpec(specs.of(spec()).parsed, dirname(file)),
    find: (folder) => findRun(folder, l10n.t),
    modelName: async () => (await specs.factsOf(spec()))?.modelName,
    memory: shownFolders(context.workspaceState, uri.toString()),
  }, page.feed);
  const report = (error: unknown): void => { log.error(error instanceof Error ? error : String(error)); };
  const changed = throttle(300, () => {
    timeline.specChanged();
    ties.refresh().catch(report);
  });
  const all = Disposable.from(
    page, ties, changed, { dispose: () => { timeline.dispose(); } },
    specs.onDidChange((which) => { if (which.toString() === uri.toString()) changed.call(); }),
    runs.onDidChange((folders) => { if (folders?.has(dirname(file)) !== false) timeline.runsChanged().catch(report); }),
  );
  panel.onDidDispose(() => { all.dispose(); });
  return { filled: timeline.start(), dispose: () => { all.dispose(); } };
}

/** Make the panel of a spec beside its editor, which is opened where it is not. */
export async function createSpecPanel(viewType: string, document: TextDocument): Promise<WebviewPanel> {
  const editor = editorOf(document.uri) ?? await window.showTextDocument(document, { preview: false, preserveFocus: true });
  return window.createWebviewPanel(viewType, specTitle(document.uri), { viewColumn: beside(editor.viewColumn), preserveFocus: true });
}

export function specTitle(uri: Uri): string {
  return l10n.t('Timeline: {0}', basename(uri.path));
}

/** From left to right. */
const columns = [
  ViewColumn.One, ViewColumn.Two, ViewColumn.Three, ViewColumn.Four, ViewColumn.Five, ViewColumn.Six, ViewColumn.Seven, ViewColumn.Eight, ViewColumn.Nine,
];

function beside(column: ViewColumn | undefined): ViewColumn {
  const next = columns.at(columns.findIndex((each) => each === column) + 1);
  return column === undefined || next === undefined ? ViewColumn.Beside : next;
}

/** The spec that a uri names, opened. @throws InputError when it cannot be opened */
export async function openSpec(uri: Uri): Promise<TextDocument> {
  try {
    return await workspace.openTextDocument(uri);
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error), { file: uri.fsPath, remedy: l10n.t('Close this panel, or restore the spec.') });
  }
}
