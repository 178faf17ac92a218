import { spawnSync } from 'node:child_process';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.ts';
import { openInstrumentedUnet } from '../../src/instrument/instrumentUnet.ts';
import { readSites } from '../../src/instrument/readSites.ts';
import { externalFiles } from '../../src/onnx/externalFiles.ts';
import { GraphBuilder } from '../../src/onnx/graphBuilder.ts';
import { indexModel } from '../../src/onnx/modelIndex.ts';
import { openModel } from '../../src/onnx/openModel.ts';
import { modelFolder, writeSkeleton } from '../../src/onnx/skeleton.ts';
import { openSession } from '../../src/onnx/session.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** A number as protobuf writes it, of so many bytes at least. */
function varint(value: bigint, least = 1): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n || bytes.length < least; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes[bytes.length - 1] &= 0x7f;
  return Uint8Array.from(bytes);
}

const dataLocation = 14n << 3n;
const wide = 1n << 32n;

/** Ways to say "in another file" that ONNX Runtime understands: protobuf cuts numbers to 32 bits, and passes over values that an enumeration does not have. */
const sayings: readonly (readonly [string, readonly Uint8Array[]])[] = [
  ['plainly', [varint(dataLocation), varint(1n)]],
  ['by a number beyond 32 bits', [varint(dataLocation), varint(wide + 1n)]],
  ['by a number beyond 53 bits', [varint(dataLocation), varint((1n << 60n) + 1n)]],
  ['before a value that does not exist', [varint(dataLocation), varint(1n), varint(dataLocation), varint(7n)]],
  ['by a field\'s number beyond 32 bits', [varint(wide + dataLocation), varint(1n)]],
];

/** A weight [4] that lies in `location`. */
function tensor(location: string, saying: readonly Uint8Array[]): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.Varint).int64(4).tag(2, WireType.Varint).int32(1).tag(8, WireType.LengthDelimited).string('w');
  for (const [key, value] of [['location', location], ['offset', '0'], ['length', '16']]) {
    writer.tag(13, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(key).tag(2, WireType.LengthDelimited).string(value).join();
  }
  for (const bytes of saying) writer.raw(bytes);
  return writer.finish();
}

/** y = x + w; the weight's message stands in the graph or in an attribute. */
function modelOf(weight: Uint8Array, place: 'graph' | 'attribute'): Uint8Array {
  const graph = new GraphBuilder();
  graph.input('x', 'float32', [4]);
  const fields = new BinaryWriter();
  if (place === 'graph') fields.tag(5, WireType.LengthDelimited).bytes(weight);
  else {
    const attribute = new BinaryWriter().tag(1, WireType.LengthDelimited).string('value').tag(5, WireType.LengthDelimited).bytes(weight).tag(20, WireType.Varint).int32(4).finish();
    const node = new BinaryWriter().tag(2, WireType.LengthDelimited).string('w').tag(4, WireType.LengthDelimited).string('Constant').tag(5, WireType.LengthDelimited).bytes(attribute).finish();
    fields.tag(1, WireType.LengthDelimited).bytes(node);
  }
  const rest = new GraphBuilder();
  rest.node('Add', ['x', 'w'], {}, 'y');
  rest.output('y', 'float32', [4]);
  const whole = new BinaryWriter().raw(graph.takeFields()).raw(fields.finish()).raw(rest.takeFields()).tag(2, WireType.LengthDelimited).string('g').finish();
  const opset = new BinaryWriter().tag(2, WireType.Varint).int64(17).finish();
  return new BinaryWriter().tag(1, WireType.Varint).int64(8).tag(8, WireType.LengthDelimited).bytes(opset).tag(7, WireType.LengthDelimited).bytes(whole).finish();
}

/** outer/secret.bin, and a model in outer/model. */
async function laidOut(model: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'model', 'model.onnx');
  await mkdir(dirname(path));
  await writeFile(join(dirname(dirname(path)), 'secret.bin'), new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer));
  await writeFile(path, model);
  return path;
}

describe('a weight outside the model\'s folder is not read, however its place is told:', () => {
  it.each(sayings.flatMap(([name, saying]) => (['graph', 'attribute'] as const).map((place) => [name, place, saying] as const)))('%s, in a %s', async (_, place, saying) => {
    for (const location of ['../secret.bin', 'secret.bin']) {
      const path = await laidOut(modelOf(tensor(location, saying), place));
      await expect(indexModel(path), location).rejects.toThrow(InputError);
      await expect(openModel(path), location).rejects.toThrow(InputError);
    }
  });

  it('and what is let through, ONNX Runtime finds nowhere else: the folder it is given may be any above the model', async () => {
    const path = await laidOut(modelOf(tensor('inside.bin', sayings[1][1]), 'graph'));
    await writeFile(join(dirname(path), 'inside.bin'), new Uint8Array(Float32Array.of(5, 6, 7, 8).buffer));
    await writeFile(join(dirname(dirname(path)), 'inside.bin'), new Uint8Array(16));
    const index = await indexModel(path);
    expect(await modelFolder(index)).toBe(dirname(path));
    const above = dirname(dirname(path));
    const session = await openSession({ bytes: writeSkeleton(index, above, []), externalFolder: above });
    const { y } = await session.run({ x: { dtype: 'float32', shape: [4], data: new Float32Array(4) } });
    expect([...y.data as Float32Array]).toEqual([5, 6, 7, 8]);
    await session.close();
  });
});

describe('what is no file, or no model of a size that can be', () => {
  it.skipIf(process.platform === 'win32')('a named pipe holds nobody up', async () => {
    const path = join(await temporaryFolder(), 'model.onnx');
    spawnSync('sh', ['-c', 'mkfifo "$0"', path]);
    await expect(indexModel(path)).rejects.toThrow(/is not a file/);
    expect(await externalFiles(path)).toEqual([]);
  });

  it('gigabytes that are no weights are not read', async () => {
    const path = join(await temporaryFolder(), 'model.onnx');
    const size = 3 * 2 ** 30;
    const field = (number: bigint): Uint8Array => new BinaryWriter().raw(varint(number << 3n | 2n)).raw(varint(BigInt(size) - 64n)).finish();
    const tensorInGraph = new BinaryWriter().tag(5, WireType.LengthDelimited).raw(varint(BigInt(size) - 128n)).tag(4, WireType.LengthDelimited).raw(varint(BigInt(size) - 256n)).finish();
    for (const start of [field(6n), new BinaryWriter().tag(7, WireType.LengthDelimited).raw(varint(BigInt(size) - 16n)).raw(field(10n)).finish(), new BinaryWriter().tag(7, WireType.LengthDelimited).raw(varint(BigInt(size) - 16n)).raw(tensorInGraph).finish()]) {
      await writeFile(path, start);
      await truncate(path, size);
      const before = process.memoryUsage().rss;
      await expect(indexModel(path)).rejects.toThrow(InputError);
      expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
    }
  });
});

it('a graph in a circle is refused, by us or by ONNX Runtime', async () => {
  const graph = new GraphBuilder();
  graph.input('sample', 'float32', [1, 4, 8, 8]);
  const path = '/mid_block/attentions.0';
  graph.constant({ dtype: 'float32', shape: [4], data: new Float32Array(4) }, 'mid_block.attentions.0.proj_out.bias');
  graph.node('Add', [`${path}/proj_out/Transpose_output_0`, 'mid_block.attentions.0.proj_out.bias'], {}, `${path}/proj_out/Add_output_0`);
  graph.node('Transpose', [`${path}/proj_out/Add_output_0`], {}, `${path}/proj_out/Transpose_output_0`);
  graph.node('Add', ['sample', `${path}/proj_out/Transpose_output_0`], {}, `${path}/Add_output_0`);
  graph.output(`${path}/Add_output_0`, 'float32', [1, 4, 8, 8]);
  const file = join(await temporaryFolder(), 'model.onnx');
  await writeFile(file, graph.build());
  await expect((async () => {
    const sites = await readSites(file);
    await openInstrumentedUnet(file, { taps: sites.map(({ name }) => name), encoders: [], branch: 'cond' });
  })()).rejects.toThrow(InputError);
});
