import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { eventually } from '../support/eventually.ts';
import { runMocha } from '../support/runMocha.ts';
import { extensionQueue, heldRuns, inWorkspace, tabs } from '../support/workspace.ts';

/** The window after a reload with panels of outcomes open; `experiments` was there before. */
export function run(): Promise<void> {
  return runMocha('reopened', () => {
    it('shows the comparison and the sweep again', async () => {
      await eventually('both tabs', () => tabs().map(({ viewType }) => viewType.replace('mainThreadWebview-', '')), (types) => types.includes('dmi.compare') && types.includes('dmi.sweep'));
    });

    it('has filled the panel in front, which holds the runs that it shows', async () => {
      const runs = readdirSync(inWorkspace('.dmi', 'runs')).filter((name) => /^[0-9a-f]{32}$/.test(name));
      const names = await eventually('the unedited run and an edited one are held', heldRuns, (now) => now.size >= 2, 30);
      for (const name of names) assert.ok(runs.includes(name), name);
    });

    it('starts nothing by itself', async () => {
      const queue = await extensionQueue();
      assert.equal(queue.enginePid, undefined);
      assert.deepEqual(queue.jobs, []);
    });
  });
}
