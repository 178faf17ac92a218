import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from '../support/eventually.ts';
import { cursor, fixes, hover, marks, offers } from '../support/language.ts';
import { runMocha } from '../support/runMocha.ts';
import { sceneSites } from '../support/scenes.ts';
import { extensionQueue, openSpec, rewrite, smallSpec } from '../support/workspace.ts';

const head = '"dmi": 1, "model": "builtin:scenes", "sample": { "prompt": "a red house, meadow", "steps": 10 }';

/** What two services say of one document: VS Code's JSON support with our schema, and ours. */
export function run(): Promise<void> {
  return runMocha('language', () => {
    const [{ site, ids, busiest }] = sceneSites();
    const edit = (rest: string) => `"experiments": { "one": { "edits": [{ "site": "${site}", "concept": ${ids[0]}, "add": 2${rest} }] } }`;

    describe('what is wrong', () => {
      it('is said once, by one of the two', async () => {
        // Each with what is marked, and whether JSON or we say it.
        const cases: readonly (readonly [text: string, marked: string, ours: boolean])[] = [
          [`{ ${head}, "trase": {} }`, '"trase"', false],
          [`{ ${head}, "trace": { "branch": "conf" } }`, '"conf"', false],
          [`{ ${head}, ${edit(', "where": "centre"')} }`, '"centre"', false],
          [`{ ${head}, ${edit(', "where": { "box": [0, 0, 1, 1.5] }')} }`, '1.5', false],
          [`{ ${head}, ${edit(', "unit": "men"')} }`, '"men"', false],
          [`{ ${head}, ${edit(', "where": { "box": [0.5, 0, 0.5, 1] }')} }`, '[0.5, 0, 0.5, 1]', true],
          [`{ ${head}, ${edit('')}, "sweeps": { "s": { "of": "two", "vary": { "/edits/0/add": [1] } } } }`, '"two"', true],
          [`{ ${head}, ${edit('')}, "sweeps": { "s": { "of": "one", "vary": { "/edits/0/during": ["late", "later"] } } } }`, '"later"', true],
          [`{ ${head}, ${edit('')}, "sweeps": { "s": { "of": "one", "vary": { "/edits/1/add": [1] } } } }`, '[1]', true],
          [`{ "dmi": 1, "model": "nowhere", "sample": { "prompt": "x" } }`, '"nowhere"', true],
          [`{ ${head}, "trace": { "sites": ["${site}x"] } }`, `"${site}x"`, true],
          [`{ ${head}, "trace": { "concepts": { "always": ["no such label at all"] } } }`, '"no such label at all"', true],
          [`{ ${head}, "trace": { "branch": "both" } }`, '"both"', true],
        ];
        for (const [index, [text, marked, ours]] of cases.entries()) {
          const editor = await openSpec(`once-${index}.dmi.json`, text);
          const found = await eventually(`a mark on ${marked}`, () => marks(editor), (all) => all.length > 0);
          const shown = found.map((mark) => ({ text: mark.text, ours: mark.diagnostic.source === 'DMI Lens', message: mark.message }));
          assert.deepEqual(shown.map(({ text: at, ours: mine }) => [at, mine]), [[marked, ours]], JSON.stringify(shown));
        }
      });

      it('is marked by nobody in a spec with comments and trailing commas', async () => {
        const wrong = await openSpec('comments.dmi.json', `{ ${head}, "trase": {} }`);
        await eventually('the schema is read', () => marks(wrong), (all) => all.length === 1);
        await rewrite(wrong, `// why\n{ ${head}, /* what */ "trace": { "steps": [0, 1,], }, }\n`);
        await eventually('nothing is marked', () => marks(wrong), (all) => all.length === 0);
      });

      it('has a fix also where JSON says it', async () => {
        const editor = await openSpec('key.dmi.json', `{ ${head}, "trase": {} }`);
        const [mark] = await eventually('a mark', () => marks(editor), (all) => all.length > 0);
        const actions = await eventually('a fix', () => fixes(editor, mark.diagnostic), (all) => all.length > 0);
        assert.deepEqual(actions.map(({ title }) => title), ['Replace by "trace"']);
      });
    });

    describe('what is offered', () => {
      it('is offered once', async () => {
        for (const [index, marked] of [`"experiments": { "e": { "edits": [{ "site": "${site}", "concept": | }] } }`, '"trace": { "concepts": { "always": [|] } }', '"experiments": { | }', '"trace": { "sites": [|] }'].entries()) {
          const { text, offset } = cursor(`{ ${head}, ${marked} }`);
          const editor = await openSpec(`unique-${index}.dmi.json`, text);
          const labels = await eventually('offers', () => offers(editor, offset), (all) => all.length > 3);
          assert.deepEqual(labels.filter((one, at) => labels.indexOf(one) !== at), [], marked);
        }
      });

      it('follows the spec in front', async () => {
        const { text, offset } = cursor(`{ ${head}, ${edit('')}, "sweeps": { "s": { "of": "|" } } }`);
        const editor = await openSpec('front.dmi.json', text);
        await eventually('one', () => offers(editor, offset), (all) => all.includes('one'));
        await rewrite(editor, text.replace('"one"', '"two"'));
        await eventually('two in place of one', () => offers(editor, offset), (all) => all.includes('two') && !all.includes('one'));
        const second = await openSpec('behind.dmi.json', text.replace('"one"', '"three"'));
        await eventually('three', () => offers(second, offset), (all) => all.includes('three') && !all.includes('two'));
      });
    });

    describe('a hover', () => {
      it('shows the course of a concept once the spec has been run', async () => {
        const editor = await openSpec('course.dmi.json', smallSpec({ steps: 6 }, { trace: { sites: [site], concepts: { always: [busiest] } } }));
        const text = editor.document.getText();
        const offset = text.indexOf(String(busiest), text.indexOf('"always"'));
        const before = await eventually('its numbers', () => hover(editor, offset), (text) => text.includes('|'));
        assert.ok(!before.includes('seed'));
        const queue = await extensionQueue();
        await vscode.commands.executeCommand('dmi.runTrace', editor.document.uri);
        await eventually('the run is done', () => queue.jobOf(editor.document.fileName)?.state.kind, (kind) => kind === 'done', 100);
        const after = await eventually('its course', () => hover(editor, offset), (text) => text.includes('seed 0'));
        assert.match(after, /!\[[^\]]*\]\(data:image\/png;base64,[A-Za-z0-9+/=]+\|width=\d+,height=\d+\)/);
      });
    });
  });
}
