import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { HeldRuns } from '../../../../src/editor/timeline/heldRuns.ts';
import { RunStore } from '../../../../src/experiment/runStore.ts';
import { storeRun } from '../../../support/storedRuns.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

describe('runs that a panel shows', () => {
  it('stay when room is made, until it shows others or is closed', async () => {
    const folder = await temporaryFolder();
    const [first, second] = [await storeRun(folder, { seed: 0, finishedAt: new Date(1) }), await storeRun(folder, { seed: 1, finishedAt: new Date(2) })];
    const store = await RunStore.open(join(folder, '.dmi/runs'));
    // A hold that is still being written (.part) holds nothing yet.
    const open = async (): Promise<number> => (await readdir(join(folder, '.dmi/open')).catch(() => [])).filter((name) => name.endsWith('.json')).length;
    const errors: unknown[] = [];
    const held = new HeldRuns((error) => { errors.push(error); });
    held.hold([first.folder, second.folder, '/elsewhere/run']);
    await vi.waitFor(async () => { expect(await open()).toBe(1); });
    expect(await store.prune(0, [])).toEqual([]);
    held.hold([second.folder]);
    await vi.waitFor(async () => { expect(await store.prune(0, [])).toEqual([first.folder]); });
    held.dispose();
    await vi.waitFor(async () => { expect(await open()).toBe(0); });
    expect(await store.prune(0, [])).toEqual([second.folder]);
    expect(errors).toEqual([]);
  });
});
