import { dirname } from 'node:path';
import { env, l10n, Uri, window, type WebviewPanel } from 'vscode';
import { InputError } from '../../base/errors.ts';
import { say } from '../../base/phrase.ts';
import { specFolderOf } from '../runs/specFolderOf.ts';
import type { Services } from '../services.ts';
import { chooseComparison } from './chooseComparison.ts';
import { failed } from './panelMessages.ts';
import { findRun } from './runContent.ts';
import type { SaeNames } from './saeNames.ts';
import { mostRuns, shownOfRuns } from './shown.ts';
import { storedState } from './specTimeline.ts';
import { timelinePage } from './timelinePage.ts';

/** Fill a panel with finished runs, side by side where there are several. They belong to no spec, so nothing can be run or inserted from here. */
export async function fillRunsPanel(panel: WebviewPanel, folders: readonly string[], services: Services, names: SaeNames): Promise<void> {
  const page = timelinePage(panel, services, names, {
    source: { kind: 'runs', uris: folders.map((folder) => Uri.file(folder).toString()) }, specName: null,
    actions: {
      copy: ({ text }) => env.clipboard.writeText(text),
      compare: () => chooseComparison(services, specFolderOf(folders[0]) ?? dirname(folders[0]), folders),
      select: () => undefined,
    },
  });
  panel.onDidDispose(() => { page.dispose(); });
  try {
    const runs = await Promise.all(folders.slice(0, mostRuns).map((folder) => findRun(folder, l10n.t)));
    const shown = shownOfRuns(runs, l10n.t, { runsInAll: folders.length });
    page.feed.show(() => shown, { state: storedState(runs) });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    page.feed.show(() => undefined, { state: failed(error) });
  }
}

export function comparisonTitle(): string {
  return l10n.t('Runs side by side');
}

/** Say why a panel cannot be filled at all. */
export async function showInputError(error: unknown): Promise<void> {
  if (!(error instanceof InputError)) throw error;
  await window.showErrorMessage(l10n.t('{0}: {1}. {2}', error.file, say(error.phrases.message, l10n.t), say(error.phrases.remedy, l10n.t)));
}
