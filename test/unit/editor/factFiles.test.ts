import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { factFiles } from '../../../src/editor/specs/factFiles.ts';
import { golden } from '../../support/scenes.ts';

it('files of SAEs in every format are watched, specs and what others work with are not', () => {
  const names = readdirSync(golden('checkpoints'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(new Set(names).size).toBeGreaterThan(8);
  for (const name of [...names, 'model_index.json', 'model.onnx', 'dmi-sites.json', 'judge.json', 'mask.png', 'prompts.txt']) expect(name).toMatch(factFiles);
  for (const name of ['house.dmi.json', 'package.json', 'tsconfig.json', 'index.ts', 'model.onnx_data', '.pt', 'run.log']) expect(name).not.toMatch(factFiles);
});
