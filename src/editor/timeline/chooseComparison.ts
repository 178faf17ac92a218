import { commands as vscodeCommands, l10n, window } from 'vscode';
import { innerCommands } from '../ids.ts';
import { oneLine } from '../runs/oneLine.ts';
import type { Services } from '../services.ts';

/** Let people pick runs of a folder, and show them beside those given. */
export async function chooseComparison({ runs }: Services, specFolder: string, folders: readonly string[]): Promise<void> {
  const others = (await runs.list(specFolder)).flatMap((run) => (run.kind === 'finished' && !folders.includes(run.folder) ? [run] : []));
  if (others.length === 0) {
    await window.showInformationMessage(l10n.t('There is no other run here to compare with.'));
    return;
  }
  const items = others.map(({ folder, definition: { sample }, finishedAt }) => ({
    folder, label: oneLine(sample.prompt, 100),
    description: `${l10n.t('seed {0}', sample.seed)} · ${sample.scheduler} ${sample.steps} · cfg ${sample.guidanceScale}`, detail: finishedAt.toLocaleString(),
  }));
  const picked = await window.showQuickPick(items, { canPickMany: true, matchOnDescription: true, placeHolder: l10n.t('Runs to stand beside this one') });
  if (picked !== undefined && picked.length > 0) await vscodeCommands.executeCommand(innerCommands.openComparison, [...folders, ...picked.map(({ folder }) => folder)]);
}
