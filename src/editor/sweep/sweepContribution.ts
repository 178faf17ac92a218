import { commands as vscodeCommands, Disposable, window } from 'vscode';
import { commands, views } from '../ids.ts';
import { lazily } from '../lazily.ts';
import type { Contribution } from '../services.ts';

/** `DMI: Open Sweep`: every variant of an experiment, by effect and by harm. */
export const sweepContribution: Contribution = ({ services }) => {
  const panels = lazily(async () => {
    const [{ createSweepPanels }, loaded] = await Promise.all([import('./sweepPanels.ts'), services()]);
    return createSweepPanels(loaded);
  });
  return Disposable.from(
    panels,
    vscodeCommands.registerCommand(commands.openSweep, async (target: unknown) => { await (await panels()).open(target); }),
    window.registerWebviewPanelSerializer(views.sweep, { deserializeWebviewPanel: async (panel, state: unknown) => { (await panels()).restore(panel, state); } }),
  );
};
