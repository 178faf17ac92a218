import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { planSpec } from '../../src/experiment/planSpec.ts';
import { prefixTree } from '../../src/experiment/prefixTree.ts';
import { checkRunFolder } from '../../src/experiment/readRunFolder.ts';
import { askedRuns } from '../../src/study/experimentPlan.ts';
import { planExperiments } from '../../src/study/planExperiments.ts';
import { readStudies } from '../../src/study/readStudies.ts';
import { runExperiments } from '../../src/study/runExperiments.ts';
import { countingModels } from '../support/sweeps.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { twoExperiments } from '../support/twoExperiments.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bundle = join(root, 'out/test/studyChild.mjs');

beforeAll(async () => {
  await build({
    entryPoints: [join(root, 'test/support/studyChild.ts')], outfile: bundle, bundle: true, platform: 'node', format: 'esm', target: 'node20', mainFields: ['module', 'main'],
    external: ['onnxruntime-node'], logLevel: 'error',
  });
});

it('an experiment that was finished when its process was killed stands, and nothing of it is computed or measured again', async () => {
  const folder = await temporaryFolder();
  const child = spawn(process.execPath, [bundle, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let stepsAfter = -1;
  createInterface(child.stdout).on('line', (line) => {
    if (line === 'stored first') stepsAfter = 0;
    else if (line === 'step' && stepsAfter >= 0) stepsAfter += 1;
    if (stepsAfter === 2) child.kill('SIGKILL'); // in the middle of the second
  });
  const [, signal] = await ended as [number | null, string | null];
  expect(signal).toBe('SIGKILL');

  const parsed = twoExperiments(folder);
  const models = countingModels();
  const plan = await planSpec(parsed, models);
  expect((await readStudies(plan)).experiments).toMatchObject([{ name: 'first', outcome: { name: 'first' }, fault: undefined, stale: false }, { name: 'second', outcome: undefined }]);
  const file = join(folder, '.dmi/experiments/a/first/experiment.json');
  const before = await readFile(file, 'utf8');
  const findings = join(folder, '.dmi/cache/findings');
  expect(await readdir(findings)).toHaveLength(1);

  const keys = new Set<string>();
  for (const name of await readdir(join(folder, '.dmi/runs'))) {
    const run = await checkRunFolder(join(folder, '.dmi/runs', name));
    if (run?.kind === 'checked') keys.add(run.manifest.key);
  }
  expect(keys.size).toBe(2);
  const left = prefixTree(askedRuns(await planExperiments(plan)), keys).unetCalls;
  expect(left).toBe(5); // the second from its first step in force on
  const { experiments } = await runExperiments(parsed, { models, signal: new AbortController().signal });
  expect(models.calls()).toBe(left);
  expect(experiments.map(({ outcome: { name } }) => name)).toEqual(['first', 'second']);
  expect(await readFile(file, 'utf8')).toBe(before);
  expect(await readdir(findings)).toHaveLength(2);
}, 120_000);
