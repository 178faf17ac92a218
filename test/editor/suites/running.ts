import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Job, JobQueue, JobState } from '../../../src/engine/job.ts';
import { eventually } from '../support/eventually.ts';
import { runMocha } from '../support/runMocha.ts';
import { extensionQueue, inWorkspace, lensTitles, openSpec, rewrite, runUntilStep, smallSpec, tabs } from '../support/workspace.ts';

/** Runs through the engine, as the lenses start them. The last test leaves a job running when the window reloads. */
export function run(): Promise<void> {
  return runMocha('running', () => {
    let queue: JobQueue;
    before(async () => { queue = await extensionQueue(); });

    describe('a run', () => {
      let editor: vscode.TextEditor;
      before(async () => { editor = await openSpec('run.dmi.json', smallSpec()); });

      it('starts no engine before it is asked for', () => {
        assert.equal(queue.enginePid, undefined);
      });

      it('shows its progress and its outcome in the lens', async () => {
        const { uri } = editor.document;
        assert.equal((await lensTitles(uri))[0], '$(play) Run trace');
        await vscode.commands.executeCommand('dmi.runTrace', uri);
        const titles = new Set<string>();
        await eventually('the lens tells the outcome', async () => {
          const title = (await lensTitles(uri))[0];
          titles.add(title);
          return title;
        }, (title) => /^\$\(check\) .* s · open timeline$/.test(title), 60);
        assert.ok([...titles].some((title) => /^\$\(sync~spin\) step \d\/4 · cancel$/.test(title)), `no step among ${[...titles].join(' | ')}`);
      });

      it('is complete in its folder', () => {
        const { answer } = ended(queue, editor, 'done');
        assert.equal(answer.runs.length, 1);
        const { folder, cached } = answer.runs[0];
        assert.equal(cached, false);
        assert.ok(folder.startsWith(inWorkspace('.dmi', 'runs')), folder);
        assert.deepEqual([...readFileSync(join(folder, 'image.png')).subarray(1, 4)], [...Buffer.from('PNG')]);
        assert.ok(existsSync(join(folder, 'trace.safetensors')));
      });

      it('is never computed again', async () => {
        const before = queue.jobOf(editor.document.fileName);
        await vscode.commands.executeCommand('dmi.runTrace', editor.document.uri);
        const { answer } = await endOf(queue, editor, 'done', before);
        assert.equal(answer.runs[0].cached, true);
      });

      it('is remembered by the lens of its spec', async () => {
        await eventually('the third lens counts the runs', async () => (await lensTitles(editor.document.uri))[2], (title) => title.startsWith('$(history) 1 run'));
      });

      it('turns back to Run trace when the text changes', async () => {
        await rewrite(editor, smallSpec({ seeds: [1] }));
        await eventually('the lens offers to run', async () => (await lensTitles(editor.document.uri))[0], (title) => title === '$(play) Run trace');
      });

      it('opens read-only when its run.json is opened', async () => {
        await vscode.commands.executeCommand('workbench.action.files.saveAll');
        const [folder] = (await vscode.workspace.fs.readDirectory(vscode.Uri.file(inWorkspace('.dmi', 'runs'))))[0];
        await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(inWorkspace('.dmi', 'runs', folder, 'run.json')));
        await eventually('a run\'s tab', () => tabs(), (all) => all.some(({ viewType }) => viewType === 'dmi.run'));
      });
    });

    describe('the timeline', () => {
      it('opens beside the spec, once, and leaves the focus where it was', async () => {
        const { document } = await openSpec('run.dmi.json', smallSpec());
        await vscode.commands.executeCommand('dmi.openTimeline', document.uri);
        await vscode.commands.executeCommand('dmi.openTimeline', document.uri);
        const panels = await eventually('the panel', () => tabs().filter(({ viewType }) => viewType.endsWith('dmi.timeline')), (found) => found.length > 0);
        assert.deepEqual(panels.map(({ label }) => label), ['Timeline: run.dmi.json']);
        assert.equal(panels[0].column, 2);
        assert.equal(vscode.window.activeTextEditor?.document.fileName, document.fileName);
      });

      it('stays with its spec when that is renamed', async () => {
        const timelines = () => tabs().filter(({ viewType }) => viewType.endsWith('dmi.timeline')).map(({ label }) => label);
        const rename = new vscode.WorkspaceEdit();
        rename.renameFile(vscode.Uri.file(inWorkspace('run.dmi.json')), vscode.Uri.file(inWorkspace('renamed.dmi.json')));
        assert.ok(await vscode.workspace.applyEdit(rename));
        await eventually('the panel bears the new name', timelines, (labels) => labels.join() === 'Timeline: renamed.dmi.json');
        await vscode.commands.executeCommand('dmi.openTimeline', vscode.Uri.file(inWorkspace('renamed.dmi.json')));
        assert.deepEqual(timelines(), ['Timeline: renamed.dmi.json']);
        const back = new vscode.WorkspaceEdit();
        back.renameFile(vscode.Uri.file(inWorkspace('renamed.dmi.json')), vscode.Uri.file(inWorkspace('run.dmi.json')));
        assert.ok(await vscode.workspace.applyEdit(back));
        await eventually('the panel bears the old name', timelines, (labels) => labels.join() === 'Timeline: run.dmi.json');
      });
    });

    describe('cancelling', () => {
      it('ends a run within a step and keeps the engine', async () => {
        const editor = await openSpec('long.dmi.json', smallSpec({ steps: 100, seeds: [0, 1, 2, 3] }));
        await vscode.commands.executeCommand('dmi.runTrace', editor.document.uri);
        const state = await eventually('the first steps', () => queue.jobOf(editor.document.fileName)?.state, (now) => now?.kind === 'running' && now.done >= 2, 60) as JobState & { kind: 'running' };
        const engine = queue.enginePid;
        const start = performance.now();
        await vscode.commands.executeCommand('dmi.cancel', editor.document.uri);
        await endOf(queue, editor, 'cancelled');
        assert.ok(performance.now() - start < 2_500, `took ${performance.now() - start} ms, so the engine was killed`);
        assert.equal(state.total, 400);
        assert.equal(queue.enginePid, engine, 'the engine has gone');
        await eventually('the lens says so', async () => (await lensTitles(editor.document.uri))[0], (title) => title === '$(circle-slash) cancelled · run again');
      });

      it('takes a job out of the queue', async () => {
        const first = await openSpec('long.dmi.json', smallSpec({ steps: 100, seeds: [4, 5] }));
        const second = await openSpec('waiting.dmi.json', smallSpec({ seeds: [6] }));
        await vscode.commands.executeCommand('dmi.runTrace', first.document.uri);
        await vscode.commands.executeCommand('dmi.runTrace', second.document.uri);
        await eventually('the second waits', async () => (await lensTitles(second.document.uri))[0], (title) => title === '$(clock) waiting · cancel');
        await vscode.commands.executeCommand('dmi.cancel', second.document.uri);
        await endOf(queue, second, 'cancelled');
        await vscode.commands.executeCommand('dmi.cancel', first.document.uri);
        await endOf(queue, first, 'cancelled');
      });
    });

    describe('a run that fails', () => {
      it('says what is wrong with the spec, and where', async () => {
        const editor = await openSpec('broken.dmi.json', smallSpec({}, { model: 'no/such/model' }));
        await vscode.commands.executeCommand('dmi.runTrace', editor.document.uri);
        const job = await eventually('the job has failed', () => queue.jobOf(editor.document.fileName)?.state, (state) => state?.kind === 'failed') as JobState & { kind: 'failed' };
        assert.match(job.fault.message, /no such folder|model/);
        assert.notEqual(job.fault.remedy, '');
        await eventually('the lens says so', async () => (await lensTitles(editor.document.uri))[0], (title) => /^\$\(error\) .* · run again$/.test(title));
      });

      it('costs one run when the engine dies, and the next has a new one', async () => {
        const editor = await openSpec('killed.dmi.json', smallSpec({ steps: 100, seeds: [7] }));
        await vscode.commands.executeCommand('dmi.runTrace', editor.document.uri);
        await eventually('it runs', () => queue.jobOf(editor.document.fileName)?.state, (state) => state?.kind === 'running', 60);
        const engine = await eventually('an engine', () => queue.enginePid);
        process.kill(engine, 'SIGKILL');
        const { fault } = await endOf(queue, editor, 'failed');
        assert.match(fault.message, /engine|SIGKILL|killed/i);
        assert.notEqual(fault.remedy, '');

        await rewrite(editor, smallSpec({ seeds: [8] }));
        const before = queue.jobOf(editor.document.fileName);
        await vscode.commands.executeCommand('dmi.runTrace', editor.document.uri);
        await endOf(queue, editor, 'done', before);
        assert.notEqual(queue.enginePid, engine);
      });
    });

    describe('a reload', () => {
      it('cuts off a run that takes minutes', async () => {
        await runUntilStep('endless.dmi.json', 1);
        await vscode.commands.executeCommand('workbench.action.files.saveAll');
      });
    });
  });
}

type Ended<K> = JobState & { readonly kind: K };

/** The state of a spec's job, which has ended as it should. */
function ended<K extends JobState['kind']>(queue: JobQueue, { document }: vscode.TextEditor, kind: K): Ended<K> {
  const state = queue.jobOf(document.fileName)?.state;
  assert.equal(state?.kind, kind, JSON.stringify(state));
  return state as Ended<K>;
}

/** Wait for a spec's job to end, and see that it ends as it should. @param after a job that has ended before */
async function endOf<K extends JobState['kind']>(queue: JobQueue, editor: vscode.TextEditor, kind: K, after?: Job): Promise<Ended<K>> {
  const ends: readonly string[] = ['done', 'cancelled', 'failed'];
  await eventually(`the job of ${editor.document.fileName} has ended`, () => queue.jobOf(editor.document.fileName), (job) => job !== undefined && job !== after && ends.includes(job.state.kind), 60);
  return ended(queue, editor, kind);
}
