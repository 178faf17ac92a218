// `npm test`: builds, runs every test runner, passes its output and our arguments through, and ends with `N passed, N failed` over all of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Unit and engine tests. A file that does not load holds no test results: it counts as one failure, and so does any error outside a test. */
function vitest() {
  const folder = mkdtempSync(join(tmpdir(), 'dmi-test-'));
  const summary = join(folder, 'vitest.json');
  try {
    const { status } = spawnSync(process.execPath, [
      'node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${summary}`, ...process.argv.slice(2),
    ], { cwd: root, stdio: 'inherit' });
    const { numPassedTests: passed, numFailedTests, testResults } = JSON.parse(readFileSync(summary, 'utf8'));
    const unloaded = testResults.filter(({ status: fate, assertionResults }) => fate === 'failed' && assertionResults.length === 0).length;
    const failed = numFailedTests + unloaded;
    return { passed, failed: status === 0 ? failed : Math.max(1, failed) };
  } catch {
    return { passed: 0, failed: 1 }; // the runner itself did not get as far as a summary, and has said why
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Tests that start `dmi` as people do run what the build gives. */
function build() {
  const { status } = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: 'inherit' });
  return { passed: 0, failed: status === 0 ? 0 : 1 };
}

const results = [build(), vitest()];
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
