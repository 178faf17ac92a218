import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runTests } from '@vscode/test-electron';

/** `npm run test:electron`: the suites of test/editor in the desktop VS Code, which is downloaded first. Restricted mode is left out: the runner trusts every folder. */

const root = resolve(import.meta.dirname, '../../..');
const scratch = await mkdtemp(join(tmpdir(), 'dmi-electron-'));
try {
  const folder = join(scratch, 'workspace');
  await cp(join(root, 'test/editor/workspace'), folder, { recursive: true });
  for (const suite of ['editing', 'running', 'restored']) {
    await runTests({
      version: '1.100.3',
      extensionDevelopmentPath: root,
      extensionTestsPath: join(root, `out/test/editor/suites/${suite}.cjs`),
      launchArgs: [folder, '--disable-extensions', '--user-data-dir', join(scratch, 'user')],
    });
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
