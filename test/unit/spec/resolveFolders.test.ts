import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { InputError } from '../../../src/base/errors.ts';
import { readSpec } from '../../../src/spec/readSpec.ts';
import { resolveFolders, type SpecFolders } from '../../../src/spec/resolveFolders.ts';
import { specWith } from '../../support/specs.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

/** outside/, and beside it a workspace with models/one (saes, judge), specs/, and a link that leads out. */
let root: string;
let workspace: string;

beforeEach(async () => {
  root = await realpath(await temporaryFolder());
  workspace = join(root, 'workspace');
  for (const path of ['outside/judge', 'workspace/models/one/saes', 'workspace/models/one/judge', 'workspace/models/bare', 'workspace/specs']) {
    await mkdir(join(root, path), { recursive: true });
  }
  await writeFile(join(workspace, 'package.json'), '{}');
  await writeFile(join(workspace, 'mask.png'), '');
  await symlink(join(root, 'outside'), join(workspace, 'models/link'));
});

async function folders(parts: object): Promise<SpecFolders> {
  const file = join(workspace, 'specs/a.dmi.json');
  await writeFile(file, JSON.stringify(specWith(parts)));
  return await resolveFolders(await readSpec(file));
}

async function complaint(parts: object): Promise<string> {
  return await folders(parts).then(() => 'nothing was thrown', (error: unknown) => (error as InputError).describe());
}

it('finds a model above the spec, and the SAEs and the judge beside it', async () => {
  const one = join(workspace, 'models/one');
  expect(await folders({ model: '../models/one' })).toEqual({
    spec: join(workspace, 'specs'), model: one, saes: [join(one, 'saes')], judge: join(one, 'judge'),
  });
  expect(await folders({ model: '../models/bare', saes: ['../models/one/saes'] })).toEqual({
    spec: join(workspace, 'specs'), model: join(workspace, 'models/bare'), saes: [join(one, 'saes')],
  });
});

it('refuses what leaves the workspace, by dots or by a link', async () => {
  expect(await complaint({ model: '../../outside' })).toMatch(/a\.dmi\.json: 1:\d+ \$\.model: "\.\.\/\.\.\/outside": leaves the folder/);
  expect(await complaint({ model: '../models/link' })).toMatch(/leaves the folder .*\n +Put it inside that folder, not only a link to it\. That folder is the workspace: .*\.git or package\.json/);
  expect(await complaint({ model: join(root, 'outside') })).toContain('leaves the folder');
  expect(await complaint({ model: '../models/one', judge: '../models/link/judge' })).toContain('$.judge: "../models/link/judge": leaves the folder');
});

it('keeps masks and prompt lists below the spec', async () => {
  const edits = [{ site: 's', concept: 1, add: 1, where: { mask: '../mask.png' } }];
  expect(await complaint({ model: '../models/one', experiments: { e: { edits } } })).toMatch(/\$\.experiments\.e\.edits\[0\]\.where\.mask: "\.\.\/mask\.png": leaves the folder/);
  expect(await complaint({ model: '../models/one', studies: { s: { kind: 'composition', prompts: 'none.txt' } } })).toContain('$.studies.s.prompts: "none.txt": no such file');
});

it('names what is missing, and what is no folder', async () => {
  expect(await complaint({ model: '../models/two' })).toContain('$.model: "../models/two": no such file');
  expect(await complaint({ model: '../package.json' })).toContain('"../package.json" is not a folder');
  expect(await complaint({ model: 'builtin:scene' })).toContain('there is no builtin:scene\n  Write builtin:scenes');
});

it('tells a file that is missing, or no text, from a wrong one', async () => {
  await expect(readSpec(join(workspace, 'none.dmi.json'))).rejects.toThrow('no such file');
  const file = join(workspace, 'latin1.dmi.json');
  await writeFile(file, new Uint8Array([0x22, 0xe4, 0x22]));
  await expect(readSpec(file)).rejects.toThrow('is not UTF-8');
});
