import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { JobQueue } from '../../../src/engine/job.ts';
import type { JobTarget, PartAnswer } from '../../../src/engine/protocol.ts';
import { eventually } from '../support/eventually.ts';
import { runMocha } from '../support/runMocha.ts';
import { extensionQueue, heldRuns, inWorkspace, lensTitles, openSpec, smallSpec, tabs } from '../support/workspace.ts';

/** The window writes down which tabs are open up to 5 s late; what comes after is its reload. */
const storageMs = 7000;

const site = 'mid_block.attentions.0';
const name = 'push';
const text = smallSpec({ seeds: [0], steps: 3 }, {
  trace: { sites: [site] },
  experiments: {
    [name]: { edits: [{ site, concept: 3, add: 4, where: 'right' }], controls: ['identity', 'random-concept'], measure: ['mse'], expect: { mse: { min: 1e-9 } } },
    hopeless: { edits: [{ site, concept: 3, add: 1 }], controls: [], measure: ['mse'], expect: { mse: { min: 10 } } },
  },
  sweeps: { strengths: { of: 'hopeless', vary: { '/edits/0/add': [1, 2] } } },
});

/** Experiments and sweeps, as the lenses and the Test Explorer run them. */
export function run(): Promise<void> {
  return runMocha('experiments', () => {
    let queue: JobQueue;
    let editor: vscode.TextEditor;
    before(async () => {
      queue = await extensionQueue();
      editor = await openSpec('experiments.dmi.json', text);
    });

    const line = (part: string): number => editor.document.positionAt(editor.document.getText().indexOf(part)).line;
    async function titlesAt(at: number): Promise<string[]> {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', editor.document.uri, 1000);
      return lenses.filter(({ range }) => range.start.line === at).map(({ command }) => command?.title ?? '');
    }
    async function partOf(target: JobTarget & object): Promise<PartAnswer> {
      const job = await eventually(`${target.name} has ended`, () => queue.jobOf(editor.document.fileName, target), (now) => now?.state.kind === 'done' || now?.state.kind === 'failed', 100);
      assert.ok(job.state.kind === 'done', JSON.stringify(job.state));
      const part = job.state.answer.parts.find((one) => one.kind === target.kind && one.name === target.name);
      assert.ok(part !== undefined);
      return part;
    }

    it('have lenses of their own', async () => {
      assert.deepEqual(await titlesAt(line(`"${name}": {`)), ['$(play) Run experiment', 'no result yet · compare']);
      assert.deepEqual(await titlesAt(line('"strengths": {')), ['$(play) Run sweep', 'no result yet · open sweep']);
      assert.ok((await lensTitles(editor.document.uri)).includes('$(run-all) Run all'));
    });

    it('run from their lens, which follows them and says what they came to', async () => {
      const target = { kind: 'experiments', name } as const;
      await vscode.commands.executeCommand('dmi.runPart', editor.document.uri, target);
      const titles = new Set<string>();
      await eventually('the lens tells the outcome', async () => {
        const [first] = await titlesAt(line(`"${name}": {`));
        titles.add(first);
        return first;
      }, (title) => /^\$\(check\) .* s · run again$/.test(title), 100);
      assert.ok([...titles].some((title) => /^\$\(sync~spin\) step \d+\/\d+ · cancel$/.test(title)), [...titles].join(' | '));
      const part = await partOf(target);
      assert.deepEqual([part.expected, part.failed], [1, 0]);
      assert.ok(part.file.startsWith(inWorkspace('.dmi', 'experiments')), part.file);
      await eventually('the second lens has the measure', async () => (await titlesAt(line(`"${name}": {`)))[1], (title) => /^\$\(pass\) as expected · mse .* n 1 · compare$/.test(title), 20);
      assert.equal((await titlesAt(line('"hopeless": {')))[1], 'no result yet · compare');
    });

    it('are traced runs, too: the spec finds its unedited run', async () => {
      await eventually('the last lens of the file counts the run', async () => (await lensTitles(editor.document.uri)).find((title) => title.startsWith('$(history)')), (title) => title?.includes('1 run') === true, 20);
    });

    it('can be cancelled', async () => {
      const long = await openSpec('long.dmi.json', smallSpec({ seeds: [0], steps: 400 }, { experiments: { long: { edits: [{ site, concept: 3, add: 1, during: 'early' }], measure: ['mse'] } } }));
      const target = { kind: 'experiments', name: 'long' } as const;
      await vscode.commands.executeCommand('dmi.runPart', long.document.uri, target);
      await eventually('it runs', () => queue.jobOf(long.document.fileName, target)?.state, (state) => state?.kind === 'running' && state.done > 2, 60);
      await vscode.commands.executeCommand('dmi.cancel', long.document.uri, target);
      await eventually('it is cancelled', () => queue.jobOf(long.document.fileName, target)?.state.kind, (kind) => kind === 'cancelled', 20);
      assert.ok(!existsSync(inWorkspace('.dmi', 'experiments', 'long')));
    });

    it('pass and fail in the Test Explorer', async () => {
      await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
      await vscode.commands.executeCommand('workbench.view.testing.focus');
      await vscode.commands.executeCommand('testing.refreshTests');
      // What was found reaches the window a moment later; until then it finds no tests, and says so.
      await eventually('it runs', async () => {
        await vscode.commands.executeCommand('testing.runAll');
        return queue.jobOf(editor.document.fileName, { kind: 'experiments', name: 'hopeless' });
      }, (job) => job !== undefined, 60);
      const part = await partOf({ kind: 'experiments', name: 'hopeless' });
      assert.deepEqual([part.expected, part.failed], [1, 1]);
      const outcome = JSON.parse(readFileSync(part.file, 'utf8')) as { expectations: { passed: boolean; reason: string }[] };
      assert.match(outcome.expectations[0].reason, /below 10/);
    });

    it('run as sweeps, with their tables', async () => {
      const target = { kind: 'sweeps', name: 'strengths' } as const;
      await vscode.commands.executeCommand('dmi.runPart', editor.document.uri, target);
      const { file } = await partOf(target);
      for (const table of ['table.parquet', 'table.md', 'table.json']) assert.ok(existsSync(join(file, '..', table)), table);
      await eventually('the second lens opens it', async () => (await titlesAt(line('"strengths": {')))[1], (title) => title.endsWith('open sweep'), 20);
    });

    it('open in their panels, as the lenses do', async () => {
      const viewTypes = (): string[] => tabs().map(({ viewType }) => viewType);
      for (const [at, view] of [[`"${name}": {`, 'dmi.compare'], ['"strengths": {', 'dmi.sweep']]) {
        const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', editor.document.uri, 1000);
        const command = lenses.filter(({ range }) => range.start.line === line(at)).at(1)?.command;
        assert.ok(command !== undefined);
        await vscode.commands.executeCommand(command.command, ...command.arguments as unknown[]);
        await eventually(`a tab of ${view}`, viewTypes, (types) => types.some((type) => type.endsWith(view)), 20);
        // The page has asked for what it shows: of the comparison a pair of runs, of the sweep the unedited run and one of each variant.
        await eventually(`${view} holds its runs`, heldRuns, (held) => held.size >= (view === 'dmi.compare' ? 2 : 3), 30);
      }
      await setTimeout(storageMs);
    });
  });
}
