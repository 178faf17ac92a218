import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { eventually } from '../support/eventually.ts';
import { cursor, fixes, hover, marks, offers } from '../support/language.ts';
import { specTemplates } from '../../../src/editor/jobs/specTemplates.ts';
import { runMocha } from '../support/runMocha.ts';
import { sceneSites } from '../support/scenes.ts';
import { extensionQueue, inWorkspace, lensTitles, openSpec, rewrite, smallSpec } from '../support/workspace.ts';

const head = '{ "dmi": 1, "model": "builtin:scenes", "sample": { "prompt": "a red house, meadow", "steps": 10 }';

/** Writing a spec: what VS Code offers, marks and shows. */
export function run(): Promise<void> {
  return runMocha('editing', () => {
    const sites = sceneSites();
    const [{ site, n, label, ids }] = sites;
    const edit = (change: object) => smallSpec({ steps: 10 }, { experiments: { one: { edits: [{ site, concept: label, add: 2, ...change }] } } });

    /** Ask for completion until it holds what is wanted: the schema with live names comes when the model has been read. */
    async function offered(name: string, marked: string, wanted: readonly string[]): Promise<string[]> {
      const { text, offset } = cursor(marked);
      const editor = await openSpec(name, text);
      return eventually(`${wanted.join(', ')} offered`, () => offers(editor, offset), (labels) => wanted.every((one) => labels.includes(one)));
    }

    describe('completion', () => {
      it('offers the keys of the schema', async () => {
        await offered('keys.dmi.json', `${head}, | }`, ['trace', 'experiments', 'sweeps', 'judge']);
      });

      it('offers the sites of the model, live', async () => {
        await offered('sites.dmi.json', `${head}, "trace": { "sites": ["|"] } }`, sites.map((one) => one.site));
      });

      it('offers the labels of the site that an edit is at', async () => {
        await offered('labels.dmi.json', `${head}, "experiments": { "one": { "edits": [{ "site": "${site}", "concept": "|", "add": 2 }] } } }`, [label]);
      });

      it('offers experiments of this file to a sweep, and pointers into the chosen one', async () => {
        const experiment = `"experiments": { "mine": { "edits": [{ "site": "${site}", "concept": ${ids[0]}, "add": 2 }] } }`;
        await offered('of.dmi.json', `${head}, ${experiment}, "sweeps": { "s": { "of": "|" } } }`, ['mine']);
        await offered('vary.dmi.json', `${head}, ${experiment}, "sweeps": { "s": { "of": "mine", "vary": { "|" } } } }`, ['/edits/0/add']);
      });

      it('offers whole questions in an empty file', async () => {
        await offered('empty.dmi.json', '|', specTemplates((text) => text).map(({ question }) => question));
      });
    });

    describe('diagnostics', () => {
      const marked = async (name: string, text: string, code: string) => {
        const editor = await openSpec(name, text);
        const all = await eventually(`a mark ${code}`, () => marks(editor), (found) => found.some((mark) => mark.code === code));
        const mark = all.find((one) => one.code === code);
        assert.ok(mark);
        return { editor, mark };
      };

      it('mark a concept that the SAE does not have', async () => {
        const { mark } = await marked('range.dmi.json', edit({ concept: n }), 'unknown-concept');
        assert.equal(mark.text, String(n));
      });

      it('mark a site without an SAE, and mend it', async () => {
        const { editor, mark } = await marked('site.dmi.json', edit({ site: `${site.slice(0, -1)}9` }), 'unknown-site');
        const [fix] = await eventually('a fix', () => fixes(editor, mark.diagnostic), (found) => found.length > 0);
        assert.ok(fix.edit);
        await vscode.workspace.applyEdit(fix.edit);
        await eventually('nothing is marked', () => marks(editor), (found) => !found.some(({ code }) => code === 'unknown-site'));
        const { experiments } = JSON.parse(editor.document.getText()) as { experiments: { one: { edits: { site: string }[] } } };
        assert.ok(sites.some((one) => one.site === experiments.one.edits[0].site));
      });

      it('mark a region outside of the picture, a window without steps, and a noun that the judge does not know', async () => {
        await marked('region.dmi.json', edit({ where: { box: [0.9, 0, 0.1, 1] } }), 'region-empty');
        await marked('window.dmi.json', edit({ during: { from: 0.05, to: 0.04 } }), 'window-empty');
        await marked('noun.dmi.json', smallSpec({}, { experiments: { one: { edits: [{ site, concept: label, add: 2 }], measure: ['presence:zeppelin'] } } }), 'unknown-noun');
      });

      it('mark nothing in what DMI: New Spec writes', async () => {
        for (const template of ['concepts', 'layout', 'seeds', 'change', 'when', 'cheapest']) {
          await vscode.commands.executeCommand('dmi.newSpec', vscode.Uri.file(inWorkspace()), template);
          const editor = await eventually(`${template} is open`, () => vscode.window.activeTextEditor, (active) => active?.document.fileName === inWorkspace(`${template}.dmi.json`));
          assert.notEqual(editor.selection.isEmpty, true, 'the prompt is not selected');
          await eventually('the lens is there', async () => (await lensTitles(editor.document.uri)).slice(0, 1), ([title]) => title === '$(play) Run trace');
          await hover(editor, editor.document.getText().indexOf('builtin:scenes')); // by then the model has been read
          assert.deepEqual(marks(editor).map(({ message }) => message), [], template);
        }
      });
    });

    describe('reading', () => {
      it('a hover tells what a concept is', async () => {
        const editor = await openSpec('hover.dmi.json', edit({ concept: ids[0] }));
        const offset = editor.document.getText().indexOf('"concept": ') + '"concept": '.length;
        await eventually('its label', () => hover(editor, offset), (text) => text.includes(label) && text.includes(site.replaceAll('_', '\\_')));
      });

      it('a hint puts the numbers beside the label', async () => {
        const editor = await openSpec('hints.dmi.json', edit({}));
        const { document } = editor;
        const whole = new vscode.Range(0, 0, document.lineCount, 0);
        await eventually('the hint', () => vscode.commands.executeCommand<vscode.InlayHint[]>('vscode.executeInlayHintProvider', document.uri, whole),
          (hints) => hints.some((hint) => document.offsetAt(hint.position) === document.getText().indexOf(`"${label}"`) + label.length + 2));
      });

      it('"of" leads to its experiment', async () => {
        const { text, offset } = cursor(`${head}, "experiments": { "mine": { "edits": [] } }, "sweeps": { "s": { "of": "mi|ne", "vary": {} } } }`);
        const { document } = await openSpec('definition.dmi.json', text);
        const found = await eventually('a definition', () =>
          vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>('vscode.executeDefinitionProvider', document.uri, document.positionAt(offset)), (all) => all.length > 0);
        const [first] = found;
        const range = 'targetUri' in first ? first.targetSelectionRange ?? first.targetRange : first.range;
        assert.equal(document.offsetAt(range.start), text.indexOf('"mine"'));
      });

      it('the outline names the parts', async () => {
        const { document } = await openSpec('outline.dmi.json', edit({}));
        const symbols = await eventually('symbols', () => vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>('vscode.executeDocumentSymbolProvider', document.uri),
          (all) => all?.some(({ name }) => name === 'experiments') === true);
        assert.ok(symbols.find(({ name }) => name === 'experiments')?.children.some(({ name }) => name === 'one'));
      });

      it('the model is a link to its folder', async () => {
        const { document } = await openSpec('links.dmi.json', smallSpec());
        const links = await eventually('links', () => vscode.commands.executeCommand<vscode.DocumentLink[]>('vscode.executeLinkProvider', document.uri, 10), (all) => all.length > 0);
        assert.match(links.map(({ target }) => target?.path ?? '').join('\n'), /models\/scenes/);
      });
    });

    describe('lenses', () => {
      it('stand above the spec, whatever it asks', async () => {
        const { document } = await openSpec('lenses.dmi.json', edit({}));
        assert.deepEqual(await lensTitles(document.uri), ['$(play) Run trace', '$(run-all) Run all', 'Open timeline', 'no stored runs', '$(play) Run experiment', 'no result yet · compare']);
      });

      it('stay where they are while the text cannot be read', async () => {
        const editor = await openSpec('lenses.dmi.json', smallSpec());
        const before = await lensTitles(editor.document.uri);
        await rewrite(editor, `${smallSpec().slice(0, -20)} ,,, [`);
        assert.deepEqual(await lensTitles(editor.document.uri), before);
      });
    });

    describe('all that', () => {
      it('has started no engine and written nothing', async () => {
        assert.equal((await extensionQueue()).enginePid, undefined);
        assert.equal(existsSync(inWorkspace('.dmi')), false);
      });
    });
  });
}
