import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from '../support/eventually.ts';
import { runMocha } from '../support/runMocha.ts';
import { extensionQueue, inWorkspace, lensTitles, tabs } from '../support/workspace.ts';

/** The window after a reload that came in the midst of a run; `running` was there before. */
export function run(): Promise<void> {
  return runMocha('restored', () => {
    it('shows the timeline and the run again', async () => {
      await eventually('both panels', () => tabs().map(({ viewType }) => viewType.replace('mainThreadWebview-', '')), (types) => types.includes('dmi.timeline') && types.includes('dmi.run'));
    });

    it('starts nothing by itself', async () => {
      const queue = await extensionQueue();
      assert.equal(queue.enginePid, undefined);
      assert.deepEqual(queue.jobs, []);
    });

    it('finds the run of yesterday', async () => {
      const { document } = await vscode.window.showTextDocument(vscode.Uri.file(inWorkspace('run.dmi.json')));
      await eventually('the lens remembers', async () => (await lensTitles(document.uri))[2], (title) => title.startsWith('$(history) 1 run'));
    });

    it('has kept nothing of the run that was cut off', async () => {
      const { document } = await vscode.window.showTextDocument(vscode.Uri.file(inWorkspace('endless.dmi.json')));
      await eventually('the lens knows of no run', async () => (await lensTitles(document.uri))[2], (title) => title === 'no stored runs');
    });
  });
}
