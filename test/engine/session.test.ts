import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.ts';
import { float32 } from '../../src/base/tensor.ts';
import { GraphBuilder } from '../../src/onnx/graphBuilder.ts';
import { indexModel } from '../../src/onnx/modelIndex.ts';
import { openSession } from '../../src/onnx/session.ts';
import { commonFolder, originalName, writeSkeleton } from '../../src/onnx/skeleton.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const weight = float32(Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i)), [32, 32]);
const x = float32(Float32Array.from({ length: 64 }, (_, i) => i / 64), [2, 32]);

/** y = −(x · weight) */
function model(): Uint8Array {
  const graph = new GraphBuilder();
  graph.input('x', 'float32', ['rows', 32]);
  graph.node('MatMul', ['x', graph.constant(weight, 'weight')], {}, 'product');
  graph.node('Neg', ['product'], {}, 'y');
  graph.output('y', 'float32', ['rows', 32]);
  return graph.build();
}

async function save(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'model.onnx');
  await writeFile(path, bytes);
  return path;
}

describe('a session', () => {
  it('tells its inputs and outputs, runs, and writes into tensors given', async () => {
    const session = await openSession({ bytes: model() });
    expect(session.inputs).toEqual([{ name: 'x', dtype: 'float32', dims: ['rows', 32] }]);
    const { y } = await session.run({ x });
    expect(y).toMatchObject({ dtype: 'float32', shape: [2, 32] });
    expect(y.data[5]).toBeCloseTo(-Array.from({ length: 32 }, (_, i) => x.data[i] * weight.data[32 * i + 5]).reduce((a, b) => a + b), 5);
    const target = float32(new Float32Array(64), [2, 32]);
    await session.run({ x }, { y: target });
    expect(target.data).toEqual(y.data);
    expect(session.runMs).toBeGreaterThan(0);
    await session.close();
  });

  it('names file, place and remedy of a model it cannot load', async () => {
    await expect(openSession({ path: 'none.onnx' })).rejects.toThrow(expect.objectContaining({ message: 'no such file', file: 'none.onnx' }) as Error);
    const path = await save(model().subarray(0, 3000));
    await expect(openSession({ path })).rejects.toThrow(expect.objectContaining({ file: path, place: expect.stringMatching(/^byte \d+$/) as string }) as Error);
    await expect(openSession({ bytes: Uint8Array.of(1, 2, 3) })).rejects.toThrow(InputError);
  });
});

describe('a skeleton', () => {
  it('reads its weights from the original file, at any offset, and gives every reader what a fragment puts in place of a value', async () => {
    const path = await save(model());
    const graph = new GraphBuilder({ prefix: 'dmi/' });
    graph.node('Add', [originalName('product'), graph.constant(float32(Float32Array.of(1), [1]))], {}, 'product');
    const folder = commonFolder([path]);
    const skeleton = writeSkeleton(await indexModel(path), folder, [{ after: 'product', fragment: graph.takeFields(), replaces: true }]);
    expect(skeleton.length).toBeLessThan(1000);
    const [plain, edited] = [await openSession({ path }), await openSession({ bytes: skeleton, externalFolder: folder }, { prepack: false })];
    const [{ y }, { y: shifted }] = [await plain.run({ x }), await edited.run({ x })];
    y.data.forEach((value, i) => { expect(shifted.data[i]).toBeCloseTo(Number(value) - 1, 5); });
    await Promise.all([plain.close(), edited.close()]);
  });
});
