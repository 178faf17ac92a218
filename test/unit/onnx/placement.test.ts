import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { readPlacement } from '../../../src/onnx/placement.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const profile = async (): Promise<string> => join(await temporaryFolder(), 'profile.json');
const node = (index: number, name: string, op_name: string, provider: string) => ({ cat: 'Node', name: `${name}_kernel_time`, dur: 1, args: { node_index: String(index), op_name, provider } });

it('counts each node once, however often it ran', async () => {
  const file = await profile();
  await writeFile(file, JSON.stringify([
    { cat: 'Session', name: 'model_run', args: {} }, ...[1, 2].flatMap(() => [
      node(0, 'conv', 'Conv', 'WebGpuExecutionProvider'), node(1, 'a', 'Gather', 'CPUExecutionProvider'), node(2, 'b', 'Gather', 'CPUExecutionProvider'), node(3, 'c', 'If', 'CPUExecutionProvider'),
      node(0, 'inner', 'Add', 'WebGpuExecutionProvider'), // in a branch, where nodes count from 0
    ]),
  ]));
  expect(await readPlacement(file)).toEqual({ nodes: 5, onCpu: 3, operators: ['Gather', 'If'] });
});

it('refuses what is no profile, and counts nothing in other JSON', async () => {
  const file = await profile();
  await fc.assert(fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (text) => {
    await writeFile(file, text);
    await readPlacement(file).then(({ nodes }) => { expect(nodes).toBe(0); }, (error: unknown) => { expect(error).toBeInstanceOf(InputError); });
  }), { seed: 1, numRuns: 50 });
});
