import { commands as vscodeCommands, Disposable, window, type CustomDocument, type Uri } from 'vscode';
import { commands, innerCommands, views } from '../ids.ts';
import { lazily } from '../lazily.ts';
import type { Contribution } from '../services.ts';

/** Timelines: of a spec beside its editor, of runs side by side, and of one stored run as what `run.json` opens with. */
export const timelineContribution: Contribution = ({ services }) => {
  const timelines = lazily(async () => {
    const [{ createTimelines }, loaded] = await Promise.all([import('./timelines.ts'), services()]);
    return createTimelines(loaded);
  });
  return Disposable.from(
    timelines,
    vscodeCommands.registerCommand(commands.openTimeline, async (target: unknown) => { await (await timelines()).openTimeline(target); }),
    vscodeCommands.registerCommand(innerCommands.openComparison, async (folders: unknown) => { await (await timelines()).openComparison(folders); }),
    window.registerWebviewPanelSerializer(views.timeline, { deserializeWebviewPanel: async (panel, state: unknown) => { await (await timelines()).deserializeWebviewPanel(panel, state); } }),
    window.registerCustomEditorProvider(views.run, {
      openCustomDocument: (uri: Uri): CustomDocument => ({ uri, dispose: () => undefined }),
      resolveCustomEditor: async (document: CustomDocument, panel) => { (await timelines()).resolveCustomEditor(document, panel); },
    }, { supportsMultipleEditorsPerDocument: true }),
  );
};
