import { commands as vscodeCommands, Disposable, window } from 'vscode';
import { commands, views } from '../ids.ts';
import { lazily } from '../lazily.ts';
import type { Contribution } from '../services.ts';

/** `DMI: Open Experiment`: what its edits changed, run beside run. */
export const compareContribution: Contribution = ({ services }) => {
  const panels = lazily(async () => {
    const [{ createComparePanels }, loaded] = await Promise.all([import('./comparePanels.ts'), services()]);
    return createComparePanels(loaded);
  });
  return Disposable.from(
    panels,
    vscodeCommands.registerCommand(commands.openExperiment, async (target: unknown) => { await (await panels()).open(target); }),
    window.registerWebviewPanelSerializer(views.compare, { deserializeWebviewPanel: async (panel, state: unknown) => { (await panels()).restore(panel, state); } }),
  );
};
