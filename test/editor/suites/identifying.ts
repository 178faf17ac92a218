import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { eventually } from '../support/eventually.ts';
import { marks } from '../support/language.ts';
import { runMocha } from '../support/runMocha.ts';
import { inWorkspace, openSpec, smallSpec } from '../support/workspace.ts';

const site = 'mid_block.attentions.0';

/** An SAE as others publish it: what it was trained on stands nowhere. */
export function run(): Promise<void> {
  return runMocha('identifying', () => {
    it('an SAE without sidecar is marked, found out and loaded', async () => {
      const folder = inWorkspace('published', 'one');
      const sidecar = join(folder, 'dmi-sae.json');
      const extension = vscode.extensions.getExtension('dmi-lens.dmi-lens');
      mkdirSync(folder, { recursive: true });
      for (const file of ['cfg.json', 'sae_weights.safetensors']) cpSync(join(extension?.extensionPath ?? '', 'models/scenes/saes', site, file), join(folder, file));
      const editor = await openSpec('identify.dmi.json', smallSpec({}, { saes: ['published'] }));
      const [mark] = await eventually('a mark', () => marks(editor).filter(({ code }) => code === 'no-sidecar'), (all) => all.length > 0);
      assert.equal(mark.text, '[\n    "published"\n  ]');

      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', editor.document.uri, mark.diagnostic.range, vscode.CodeActionKind.QuickFix.value);
      const command = actions.find(({ title }) => title === 'Find out what the SAEs were trained on')?.command;
      assert.ok(command !== undefined, actions.map(({ title }) => title).join(', '));
      const done = vscode.commands.executeCommand(command.command, ...(command.arguments ?? []) as unknown[]);
      await eventually('the sidecar is written', async () => {
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        return existsSync(sidecar);
      }, (written) => written, 90);
      await done;
      const { site: found, activation } = JSON.parse(readFileSync(sidecar, 'utf8')) as Record<string, unknown>;
      assert.deepEqual([found, activation], [site, 'update']);
      await eventually('nothing is marked', () => marks(editor), (all) => all.length === 0);
    });
  });
}
