import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../editor/support/eventually.ts';
import { HubServer } from '../support/hubServer.ts';
import { scenesFolder } from '../support/scenes.ts';
import { takePicture } from './takePicture.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

/** A model from a hub on loopback, as a person gets it: typed, confirmed, watched, and run. */
describe('a model that is downloaded', () => {
  let hub: HubServer;
  let folder: string;
  let workbench: Workbench;

  beforeAll(async () => {
    hub = await HubServer.start();
    const files: Record<string, Uint8Array> = {};
    for (const entry of await readdir(scenesFolder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) files[join(entry.parentPath, entry.name).slice(scenesFolder.length + 1)] = await readFile(join(entry.parentPath, entry.name));
    }
    hub.repositories['lab/scenes'] = { files, lfsFrom: 100_000 };
    folder = await mkdtemp(join(tmpdir(), 'dmi-download-'));
    await writeFile(join(folder, 'notes.txt'), '');
    workbench = await openWorkbench({ dialogs: true, env: { HF_ENDPOINT: hub.endpoint, HF_TOKEN: '', HF_TOKEN_PATH: join(folder, 'none') } });
    await workbench.open({ folder, extension: resolve('.'), open: [join(folder, 'notes.txt')] });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await hub.stop();
    await workbench.close(); // throws where a process is left
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await takePicture(workbench.page, 'download-failed');
  });

  it('is confirmed with its size and folder, fetched under a progress bar, and run', async () => {
    const { page } = workbench;
    let slow = true;
    hub.meddle = async ({ server, url }) => {
      if (server === 'storage' && url.includes('unet/')) await eventually('the picture is taken', () => slow, (waiting) => !waiting, 60);
      return false;
    };
    await workbench.command('DMI: Download Model...');
    const input = page.locator('.quick-input-widget input[type="text"]');
    await page.locator('.quick-input-title', { hasText: 'Download Model' }).waitFor();
    await input.fill('../scenes');
    await page.locator('.quick-input-message', { hasText: 'Write owner/name' }).waitFor();
    await takePicture(page, 'download-name');
    await input.fill('lab/scenes');
    await page.keyboard.press('Enter');
    await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'models/scenes' }).waitFor();
    await takePicture(page, 'download-place');
    await page.keyboard.press('Enter');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.getByText('Download lab/scenes?').waitFor();
    expect(await dialog.innerText()).toMatch(/A pipeline, \d+ files, \d+ MB, of commit [0-9a-f]{12}\s+from 127\.0\.0\.1:\d+\s+into .*models.scenes/);
    await takePicture(page, 'download-confirm');
    expect(hub.requests.filter(({ url }) => url.includes('/resolve/'))).toEqual([]);
    await dialog.getByRole('button', { name: /^Download \d+ MB$/ }).click();
    const toast = page.locator('.notification-toast', { hasText: 'lab/scenes' });
    await toast.getByText(/MB of \d+ MB/).waitFor();
    await takePicture(page, 'download-progress');
    slow = false;
    const done = page.locator('.notification-toast', { hasText: 'every checksum is right' });
    await done.waitFor();
    await takePicture(page, 'download-done');
    await done.getByRole('button', { name: 'New Spec' }).click();
    await workbench.tab('scenes.dmi.json').waitFor();
    await workbench.lens('Run trace').click();
    await eventually('the run is stored', () => readdir(join(folder, '.dmi', 'runs'), { recursive: true }).catch(() => []), (files) => files.some((path) => /^[0-9a-f]{32}.image\.png$/.test(path)), 120);
    await workbench.lens(/\d s · open timeline/).waitFor();
    await takePicture(page, 'download-run');
  }, 240_000);
});
