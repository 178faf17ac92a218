import { mkdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { deleteRunFolders } from '../../../../src/editor/runs/deletion.ts';
import { RunCatalogue } from '../../../../src/experiment/runCatalogue.ts';
import { storeRun } from '../../../support/storedRuns.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';
import { inEnglish } from '../../../support/translate.ts';

let folder: string;
let trash: string;
beforeEach(async () => { [folder, trash] = [await temporaryFolder(), await temporaryFolder()]; });

const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false);

/** Delete in the real file system; people give the answers one after the other. */
async function remove(paths: readonly string[], { answers, hasTrash = true, stuck = false }: { answers: readonly boolean[]; hasTrash?: boolean; stuck?: boolean }) {
  const asked: string[] = [];
  const told: string[] = [];
  const waiting = [...answers];
  const catalogue = new RunCatalogue();
  const before = await catalogue.list(folder);
  let list = before.map((run) => run.folder);
  let refreshed: Promise<unknown> = Promise.resolve();
  await deleteRunFolders(paths, {
    t: inEnglish,
    confirm: (question, yes) => {
      asked.push(`${question} [${yes}]`);
      return Promise.resolve(waiting.shift() ?? false);
    },
    remove: async (folders, useTrash) => {
      if (stuck || (useTrash && !hasTrash)) return folders;
      for (const path of folders) await (useTrash ? rename(path, join(trash, basename(path))) : rm(path, { recursive: true }));
      return [];
    },
    tell: (message) => Promise.resolve(told.push(message)),
    refresh: () => {
      catalogue.forget();
      refreshed = catalogue.list(folder).then((runs) => { list = runs.map((run) => run.folder); });
    },
  });
  await refreshed;
  return { asked, told, list };
}

describe('deleting runs', () => {
  it('moves them to the trash once people agree, and the list is read anew', async () => {
    const [one, two, three] = [await storeRun(folder, { seed: 1 }), await storeRun(folder, { seed: 2 }), await storeRun(folder, { seed: 3 })];
    expect(await remove([one.folder, three.folder], { answers: [true] })).toEqual({ asked: ['Delete 2 runs? [Delete]'], told: [], list: [two.folder] });
    expect(await Promise.all([one, two, three].map((run) => exists(join(trash, basename(run.folder), 'run.json'))))).toEqual([true, false, true]);
  });

  it('does nothing when they do not', async () => {
    const run = await storeRun(folder);
    expect(await remove([run.folder], { answers: [false] })).toEqual({ asked: ['Delete this run? [Delete]'], told: [], list: [run.folder] });
    expect(await exists(join(run.folder, 'run.json'))).toBe(true);
  });

  it('asks again where there is no trash', async () => {
    const run = await storeRun(folder);
    const question = 'The run cannot be moved to the trash. Delete it for good? [Delete for Good]';
    expect(await remove([run.folder], { answers: [true, false], hasTrash: false })).toMatchObject({ asked: [expect.anything(), question], list: [run.folder] });
    expect(await remove([run.folder], { answers: [true, true], hasTrash: false })).toMatchObject({ asked: [expect.anything(), question], told: [], list: [] });
  });

  it('says what could not be deleted', async () => {
    const run = await storeRun(folder);
    const { told, list } = await remove([run.folder], { answers: [true, true], stuck: true });
    expect(told).toEqual([expect.stringContaining(run.folder)]);
    expect(list).toEqual([run.folder]);
  });

  it('touches nothing outside a store, and asks nobody', async () => {
    const { folder: run } = await storeRun(folder);
    const elsewhere = join(await temporaryFolder(), 'data');
    await mkdir(elsewhere);
    const link = join(dirname(run), 'a'.repeat(32));
    await symlink(elsewhere, link);
    const other = await temporaryFolder();
    await mkdir(join(other, '.dmi'));
    await symlink(dirname(run), join(other, '.dmi/runs')); // the store is a link
    const paths = [
      folder, join(folder, '.dmi'), dirname(run), join(run, 'previews'), join(folder, 'runs', basename(run)), `${dirname(run)}/x/../${basename(run)}`,
      join(dirname(run), `.partial-${basename(run)}-1`), link, join(other, '.dmi/runs', basename(run)), join(dirname(run), 'b'.repeat(32)),
    ];
    expect(await remove(paths, { answers: [true] })).toEqual({ asked: [], told: [], list: [run] });
    expect(await Promise.all([run, elsewhere].map(exists))).toEqual([true, true]);
  });
});
