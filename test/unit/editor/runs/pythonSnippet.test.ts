import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pythonSnippet } from '../../../../src/editor/runs/pythonSnippet.ts';
import { encodePng } from '../../../../src/diffusion/png.ts';
import { encodeTrace } from '../../../../src/experiment/traceFile.ts';
import { previewName } from '../../../../src/experiment/previewName.ts';
import { storeRun } from '../../../support/storedRuns.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

it('is the Python that loads runs', async () => {
  await expect(pythonSnippet(['/w/.dmi/runs/0123', '/w/.dmi/runs/4567'])).toMatchFileSnapshot('pythonSnippet.golden.py');
});

it('writes nothing of a path that Python could take for more than text', () => {
  const code = pythonSnippet(['/w/"]; import os #\n\u2028\u202e\u0007\\x/é/家']);
  expect(code.split('\n').filter((line) => line.includes('import os'))).toEqual(['    "/w/\\"]; import os #\\n\\u2028\\u202e\\u0007\\\\x/é/家",']);
});

it('runs where Python has the libraries that it names', async (context) => {
  const python = process.env.DMI_PYTHON ?? 'python3';
  if (spawnSync(python, ['-c', 'import safetensors, PIL, numpy']).status !== 0) context.skip();
  const folder = join(await temporaryFolder(), 'a "b" \\ 家');
  const png = await encodePng({ width: 4, height: 2, data: new Uint8Array(24) });
  const codes = { steps: [0, 2], timesteps: Float32Array.of(999, 500), sites: [{
    site: 'mid', branch: 'cond' as const, height: 2, width: 3, d: 8, n: 16, k: 2, steps: [0, 2],
    indices: Int32Array.from({ length: 24 }, (_, entry) => entry % 16), values: new Float32Array(24).fill(1),
  }] };
  const stored = [];
  for (const seed of [0, 1]) {
    stored.push(await storeRun(folder, {
      seed, recorded: [0, 2], prompt: 'a "house" 家',
      files: { 'image.png': png, [previewName(0)]: png, [previewName(2)]: png, 'trace.safetensors': encodeTrace(codes, {}) },
    }));
  }
  const { stdout, stderr } = spawnSync(python, ['-'], { input: pythonSnippet(stored.map((run) => run.folder)), encoding: 'utf8' });
  expect(stderr).toBe('');
  const lines = (seed: number) => [
    `seed ${seed} prompt 'a "house" \\u5bb6' image (2, 4, 3) previews (2, 2, 4, 3)`, '  mid/cond codes (2, 6, 2) concepts 16 maps (2, 2, 3)', '',
  ].join('\n');
  expect(stdout.replaceAll('\r', '')).toBe(lines(0) + lines(1));
});
