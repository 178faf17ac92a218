import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { eventually } from '../support/eventually.ts';
import { runMocha } from '../support/runMocha.ts';
import { extensionQueue, inWorkspace, lensTitles, openSpec, smallSpec } from '../support/workspace.ts';

/** A folder that nobody has trusted yet: edit and view, never run. */
export function run(): Promise<void> {
  return runMocha('restricted', () => {
    let editor: vscode.TextEditor;
    before(async () => {
      assert.equal(vscode.workspace.isTrusted, false);
      editor = await openSpec('mine.dmi.json', smallSpec());
    });

    it('completes and checks', async () => {
      await eventually('keys of the schema', async () => {
        const { items } = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', editor.document.uri, new vscode.Position(1, 2));
        return items.map(({ label }) => typeof label === 'string' ? label : label.label);
      }, (labels) => labels.includes('trace'));
      await openSpec('wrong.dmi.json', smallSpec({}, { trace: { sites: ['no.such.site'] } }));
      await eventually('the site is marked', () => vscode.languages.getDiagnostics(vscode.Uri.file(inWorkspace('wrong.dmi.json'))).map(({ message }) => message).join('\n'), (text) => text.includes('no.such.site'));
    });

    it('offers trust in place of a run', async () => {
      assert.equal((await lensTitles(editor.document.uri))[0], '$(workspace-untrusted) Trust this workspace to run');
    });

    it('runs nothing, however it is asked', async () => {
      const queue = await extensionQueue();
      const asked = ['dmi.runTrace', 'dmi.runPart', 'dmi.rerun', 'dmi.openReport', 'dmi.downloadModel'].map((command) => vscode.commands.executeCommand(command, editor.document.uri).then(undefined, () => undefined));
      await Promise.race([Promise.all(asked), new Promise((resolve) => { setTimeout(resolve, 3_000); })]); // one may ask for trust, and nobody answers
      assert.deepEqual(queue.jobs, []);
      assert.equal(queue.enginePid, undefined);
      assert.equal(existsSync(inWorkspace('.dmi')), false);
    });

    it('shows a timeline', async () => {
      await vscode.commands.executeCommand('dmi.openTimeline', editor.document.uri);
      await eventually('the panel', () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label)), (labels) => labels.includes('Timeline: mine.dmi.json'));
    });
  });
}
