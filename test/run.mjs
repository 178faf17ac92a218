/**
 * `npm test`: builds, runs every test runner, passes its output through, and ends with `N passed, N failed` over all of them.
 * `npm test -- test/unit/spec` runs a part of them, `npm test -- test/editor running` suites of the editor by name; with `--pictures` the UI tests write the README's pictures.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.slice(2).filter((argument) => argument !== '--pictures');
if (process.argv.includes('--pictures')) process.env.DMI_PICTURES = '1';

/** What the tests of a project found. A file that does not load holds no test results: it counts as one failure, and so does any error outside a test. */
function vitest(project, ...options) {
  const folder = mkdtempSync(join(tmpdir(), 'dmi-test-'));
  const summary = join(folder, 'vitest.json');
  try {
    const { status } = spawnSync(process.execPath, [
      'node_modules/vitest/vitest.mjs', 'run', '--project', project, '--passWithNoTests', '--reporter=default', '--reporter=json', `--outputFile.json=${summary}`, ...options, ...wanted,
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

/** Suites inside a real VS Code. Their runner ends with a line like ours. */
async function editor() {
  const [place, ...suites] = wanted;
  if (place !== undefined && place !== 'test/editor') return { passed: 0, failed: 0 };
  const runner = spawn(process.execPath, ['out/test/editor/main.mjs', ...suites], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  runner.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });
  const status = await new Promise((resolve) => { runner.on('close', resolve); });
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? [undefined, 0, 1];
  return { passed: Number(passed), failed: status === 0 ? Number(failed) : Math.max(1, Number(failed)) };
}

/** Tests run what the build gives, as people do. */
function build(...options) {
  const { status } = spawnSync(process.execPath, ['esbuild.mjs', ...options], { cwd: root, stdio: 'inherit' });
  return { passed: 0, failed: status === 0 ? 0 : 1 };
}

// One after the other: what is timed in a browser must not depend on what else runs.
const results = [build(), build('--tests'), vitest('node'), await editor(), vitest('ui', '--no-file-parallelism')];
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
