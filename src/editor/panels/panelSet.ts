import { l10n, ViewColumn, type WebviewPanel, window } from 'vscode';
import { InputError } from '../../base/errors.ts';
import { say } from '../../base/phrase.ts';
import { formatOutcomeSource, parseOutcomeSource, type OutcomeSource } from './outcomeSource.ts';
import { outcomeTitle } from './outcomePanel.ts';

/** Panels of one kind, one for each outcome. */
export interface PanelSet {
  /** Open one, or bring the one that is open to the front. @param find what it shows; undefined: nothing was chosen */
  open(find: () => Promise<OutcomeSource | undefined>): Promise<void>;
  /** Fill a panel again after a reload. @param state what its page kept */
  restore(panel: WebviewPanel, state: unknown): void;
  /** Forget the panels; VS Code closes them. */
  dispose(): void;
}

/** @param fill puts the page into a panel; its parts go with the panel */
export function panelSet(viewType: string, fill: (panel: WebviewPanel, source: OutcomeSource) => void): PanelSet {
  const open = new Map<string, WebviewPanel>();

  function show(panel: WebviewPanel, source: OutcomeSource): void {
    const key = formatOutcomeSource(source);
    open.set(key, panel);
    panel.onDidDispose(() => { if (open.get(key) === panel) open.delete(key); });
    panel.title = outcomeTitle(source);
    fill(panel, source);
  }
  return {
    async open(find) {
      try {
        const source = await find();
        if (source === undefined) return;
        const known = open.get(formatOutcomeSource(source));
        if (known === undefined) show(window.createWebviewPanel(viewType, outcomeTitle(source), { viewColumn: ViewColumn.Beside, preserveFocus: true }), source);
        else known.reveal(undefined, true);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        await window.showErrorMessage(l10n.t('{0}: {1}. {2}', error.file, say(error.phrases.message, l10n.t), say(error.phrases.remedy, l10n.t)));
      }
    },
    restore(panel, state) {
      const source = parseOutcomeSource(typeof state === 'object' && state !== null && 'source' in state ? state.source : undefined);
      if (source === undefined) panel.dispose();
      else show(panel, source);
    },
    dispose: () => { open.clear(); },
  };
}
