import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodePng } from '../../../../src/diffusion/png.ts';
import { findPicture } from '../../../../src/editor/runs/runPicture.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

it('finds a picture by its header, and none that an editor should not open', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'image.png');
  expect(await findPicture(folder)).toBeUndefined();

  const png = Buffer.from(await encodePng({ width: 5, height: 3, data: new Uint8Array(45) }));
  await writeFile(path, png);
  expect(await findPicture(folder)).toEqual({ path, bytes: png.length, width: 5, height: 3 });

  for (const [offset, value] of [[16, 100_000], [20, 0], [20, 4097], [0, 0x3c737667], [12, 0]]) {
    const changed = Buffer.from(png);
    changed.writeUInt32BE(value, offset);
    await writeFile(path, changed);
    expect(await findPicture(folder)).toBeUndefined();
  }
  await writeFile(path, png.subarray(0, 20));
  expect(await findPicture(folder)).toBeUndefined();
  await writeFile(path, png);
  await truncate(path, 17 * 2 ** 20);
  expect(await findPicture(folder)).toBeUndefined();
  await rm(path);
  await writeFile(join(folder, 'elsewhere.png'), png);
  await symlink(join(folder, 'elsewhere.png'), path);
  expect(await findPicture(folder)).toBeUndefined();
  await rm(path);
  await mkdir(path);
  expect(await findPicture(folder)).toBeUndefined();
});
