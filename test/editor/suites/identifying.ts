import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

      const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>('vscode.executeLinkProvider', editor.document.uri, 10);
      assert.deepEqual(links.map(({ target }) => target?.fsPath).filter((path) => path?.includes('published')), [join(folder, 'cfg.json')]);

      // VS Code gives up a request for fixes when another extension comes to offer some, as they do in a window that has just opened
      const { command } = await eventually('the fix', async () => {
        const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', editor.document.uri, mark.diagnostic.range, vscode.CodeActionKind.QuickFix.value);
        return actions.find(({ title }) => title === 'Find out what the SAEs were trained on');
      });
      assert.ok(command !== undefined);
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

    describe('what comes and goes on the disk is noticed:', () => {
      const original = join(vscode.extensions.getExtension('dmi-lens.dmi-lens')?.extensionPath ?? '', 'test/reference/goldens/checkpoints');
      let editor: vscode.TextEditor;
      const codes = (what: string, wanted: string): Promise<unknown> => eventually(what, () => marks(editor).map(({ code, diagnostic }) => `${String(code)} ${diagnostic.message}`), (all) => all.some((one) => one.includes(wanted)), 15);

      before(async () => {
        mkdirSync(inWorkspace('theirs'), { recursive: true });
        editor = await openSpec('theirs.dmi.json', smallSpec({}, { saes: ['theirs'] }));
        await codes('an empty folder is marked', 'holds no SAE');
      });
      after(() => { rmSync(inWorkspace('theirs'), { recursive: true, force: true }); });

      for (const [name, weights] of [['openai-topk', /\.pt$/], ['dictionary-topk/trainer_0', /^ae\.pt$/], ['sparsify/mid_block.attentions.0', /^sae\.safetensors$/], ['saelens-topk', /^sae_weights\.safetensors$/]] as const) {
        it(`an SAE of ${name}: moved in as a whole, its weights away and back, moved out`, async () => {
          const [away, folder] = [inWorkspace('.dmi', 'away'), inWorkspace('theirs', 'one')];
          mkdirSync(inWorkspace('.dmi'), { recursive: true });
          cpSync(join(original, name), away, { recursive: true, filter: (path) => !path.endsWith('expected.safetensors') });
          renameSync(away, folder);
          await codes('it is there', 'no-sidecar');
          const file = readdirSync(folder).find((one) => weights.test(one)) ?? '';
          renameSync(join(folder, file), inWorkspace('.dmi', file));
          await eventually('its weights are gone', () => marks(editor).map(({ code }) => code), (all) => all.length > 0 && !all.includes('no-sidecar'), 15);
          renameSync(inWorkspace('.dmi', file), join(folder, file));
          await codes('they are back', 'no-sidecar');
          renameSync(folder, away);
          await codes('it is gone', 'holds no SAE');
          rmSync(away, { recursive: true });
        });
      }

      it('a model is offered once its folder is there, and no longer once it has gone', async () => {
        const offers = async (): Promise<boolean> => (await vscode.workspace.openTextDocument(vscode.Uri.parse('dmi-schema://schema/spec.json'))).getText().includes('"late/model"');
        assert.equal(await offers(), false);
        mkdirSync(inWorkspace('.dmi', 'late', 'model'), { recursive: true });
        writeFileSync(inWorkspace('.dmi', 'late', 'model', 'model_index.json'), '{}');
        renameSync(inWorkspace('.dmi', 'late'), inWorkspace('late'));
        await eventually('it is offered', offers, (offered) => offered, 15);
        rmSync(inWorkspace('late'), { recursive: true });
        await eventually('it is not offered any more', offers, (offered) => !offered, 15);
      });
    });
  });
}
