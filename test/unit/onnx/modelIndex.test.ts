import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { float32 } from '../../../src/base/tensor.ts';
import { externalFiles } from '../../../src/onnx/externalFiles.ts';
import { GraphBuilder } from '../../../src/onnx/graphBuilder.ts';
import { indexModel } from '../../../src/onnx/modelIndex.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const large = float32(Float32Array.from({ length: 512 }, (_, i) => i), [16, 32]);
const small = float32(Float32Array.of(1, 2), [2]);

/** y = x · large, and what `more` adds. */
function model(more: (graph: GraphBuilder) => void = () => undefined): Uint8Array {
  const graph = new GraphBuilder();
  graph.input('x', 'float32', ['rows', 16]);
  graph.constant(large, 'large');
  graph.constant(small, 'small');
  graph.node('MatMul', ['x', 'large'], {}, 'y');
  graph.output('y', 'float32', ['rows', 32]);
  more(graph);
  return graph.build();
}

async function save(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'model.onnx');
  await writeFile(path, bytes);
  return path;
}

describe('the index of a model', () => {
  it('has its nodes, its declarations, and the place of every large weight', async () => {
    const bytes = model();
    const { nodes, weights, inputs, outputs, opsets } = await indexModel(await save(bytes));
    expect(nodes).toMatchObject([{ opType: 'MatMul', inputs: ['x', 'large'], outputs: ['y'] }]);
    expect(inputs).toEqual([{ name: 'x', elementType: 1, dims: ['rows', 16] }]);
    expect(outputs).toEqual([{ name: 'y', elementType: 1, dims: ['rows', 32] }]);
    expect(opsets).toEqual(new Map([['', 17]]));
    const { dims, data } = weights.get('large') ?? { dims: [], data: bytes };
    expect(dims).toEqual([16, 32]);
    if (data instanceof Uint8Array) throw new Error('a large weight was copied');
    expect(new Float32Array(bytes.slice(data.offset, data.offset + data.length).buffer)).toEqual(large.data);
    expect(weights.get('small')?.data).toBeInstanceOf(Uint8Array);
  });

  it('refuses a weight that occurs twice', async () => {
    const path = await save(model(graph => graph.constant(small, 'large')));
    await expect(indexModel(path)).rejects.toThrow(/large occurs twice/);
  });

  it('refuses a weight whose bytes do not hold its shape', async () => {
    const path = await save(model(graph => graph.constant({ ...large, shape: [16, 33] }, 'odd')));
    await expect(indexModel(path)).rejects.toThrow(expect.objectContaining({ file: path, place: 'odd' }) as Error);
  });

  it('refuses every truncation, and says how to mend it', async () => {
    const bytes = model();
    for (let length = 0; length < bytes.length; length += length < 200 ? 1 : 97) {
      const path = await save(bytes.subarray(0, length));
      await expect(indexModel(path), `${length} bytes`).rejects.toThrow(expect.objectContaining({ file: path, remedy: expect.any(String) as string }) as Error);
    }
  });

  it('refuses more parts than any network has, which would fill the memory', async () => {
    const emptyNodes = new Uint8Array(2 * 200_000).map((_, i) => i % 2 === 0 ? 0x0a : 0);
    const path = await save(new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(emptyNodes).finish());
    await expect(indexModel(path)).rejects.toThrow(/more than 100000 parts/);
  });

  it('knows a Git LFS pointer', async () => {
    const path = await save(Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'));
    await expect(indexModel(path)).rejects.toThrow(expect.objectContaining({ remedy: expect.stringContaining('git lfs pull') as string }) as Error);
  });
});

describe('weights in other files', () => {
  const external = (location: string, offset = 0, length = 2048) => model(graph => graph.external(1, [16, 32], location, offset, length, 'elsewhere'));

  it('are found in the folder of the model, and nowhere else', async () => {
    const outer = await temporaryFolder();
    const folder = join(outer, 'model');
    await mkdir(join(folder, 'data'), { recursive: true });
    await writeFile(join(folder, 'data', 'weights.bin'), new Uint8Array(4096));
    await writeFile(join(outer, 'secret.bin'), new Uint8Array(4096));
    await symlink(join(outer, 'secret.bin'), join(folder, 'link.bin'));
    const path = join(folder, 'model.onnx');
    await writeFile(path, external('data/weights.bin', 1000));
    expect((await indexModel(path)).weights.get('elsewhere')?.data).toMatchObject({ offset: 1000, length: 2048 });
    for (const location of ['../secret.bin', join(outer, 'secret.bin'), 'link.bin', 'data/../../secret.bin', 'none.bin', '']) {
      await writeFile(path, external(location));
      await expect(indexModel(path), location).rejects.toThrow(InputError);
    }
    await writeFile(path, external('data/weights.bin', 3000));
    await expect(indexModel(path)).rejects.toThrow(/3000 to 5048, the file has 4096/);
  });

  it('may not be named by a node, where no one would check the path', async () => {
    const tensor = new BinaryWriter().tag(14, WireType.Varint).int32(1).finish();
    const attribute = new BinaryWriter().tag(1, WireType.LengthDelimited).string('value').tag(5, WireType.LengthDelimited).bytes(tensor).finish();
    const node = new BinaryWriter().tag(2, WireType.LengthDelimited).string('c').tag(4, WireType.LengthDelimited).string('Constant')
      .tag(5, WireType.LengthDelimited).bytes(attribute).finish();
    const graph = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(node).finish();
    const path = await save(new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(graph).finish());
    await expect(indexModel(path)).rejects.toThrow(/only the graph's own weights/);
  });
});

it('reads or refuses any bytes, and never keeps more than it was given', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'weights.bin'), new Uint8Array(2048));
  const models = [model(), model(graph => graph.external(1, [16, 32], 'weights.bin', 0, 2048))];
  const change = fc.tuple(fc.nat(), fc.nat(255));
  /** The structure stands at both ends: damage there is worth more than in the weights. */
  const damage = (reach: number) => fc.tuple(fc.constantFrom(...models), fc.array(change, { maxLength: 8 })).map(([valid, changes]) => {
    const bytes = valid.slice();
    for (const [at, value] of changes) bytes[at % 2 === 0 ? at / 2 % reach : bytes.length - 1 - (at - 1) / 2 % reach] = value;
    return bytes;
  });
  const path = join(folder, 'model.onnx');
  await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), damage(2048), damage(100)), async given => {
    await writeFile(path, given);
    try {
      for (const file of await externalFiles(path)) expect(file.startsWith(await realpath(folder))).toBe(true);
      const { nodes, weights, graphFields, modelMessage } = await indexModel(path);
      const kept = [
        modelMessage, ...nodes.map(({ message }) => message), ...graphFields.map(([, value]) => value),
        ...[...weights.values()].flatMap(({ data }) => data instanceof Uint8Array ? [data] : []),
      ];
      expect(kept.reduce((sum, bytes) => sum + bytes.length, 0)).toBeLessThanOrEqual(given.length);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
    }
  }), { numRuns: 500, seed: 1 });
});
