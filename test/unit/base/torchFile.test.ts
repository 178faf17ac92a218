import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import type { PickleValue } from '../../../src/base/pickle.ts';
import { readTorchFile, TorchTensor } from '../../../src/base/torchFile.ts';
import { golden } from '../../support/scenes.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { op, pickleOf, tensorOf, zipOf } from '../../support/torchZip.ts';
import type { ZipFlaws } from '../../support/torchZip.ts';

const numbers = Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'x.pt');
  await writeFile(path, bytes);
  return path;
}

async function read(pickle: Buffer, flaws: ZipFlaws = {}, more: readonly (readonly [string, Uint8Array])[] = []): Promise<PickleValue> {
  return readTorchFile(await fileOf(zipOf([['x/data.pkl', pickle], ['x/byteorder', Buffer.from('little')], ['x/data/0', numbers], ...more], flaws)));
}

const dictionary = (...items: readonly Buffer[]): Buffer => Buffer.concat([op.raw('}('), ...items, op.raw('u')]);

describe('a file of torch.save', () => {
  it('gives places and strides of its tensors, and its other values', async () => {
    const file = join(golden('checkpoints'), 'sdxl-unbox/unet.mid_block.attentions.0_k6_hidden64_auxk8_bs64_lr0.0001/final/state_dict.pth');
    const root = await readTorchFile(file) as Map<string, Map<string, TorchTensor>>;
    const { dtype, shape, strides, offset, length } = root.get('state_dict')?.get('decoder.weight') ?? new TorchTensor('', [], [], 0, 0);
    expect({ dtype, shape, strides, length }).toEqual({ dtype: 'F32', shape: [16, 64], strides: [1, 16], length: 4 * 16 * 64 });
    expect((await readFile(file)).subarray(offset, offset + length)).toHaveLength(length);
    expect(root.get('state_dict')?.get('stats_last_nonzero')).toMatchObject({ dtype: 'I64', shape: [64] });
  });

  it('may be of any protocol, small or with zip64 fields, its checksums wrong or right', async () => {
    const value = new Map<string, PickleValue>([['a', [1, -2.5, null, true, 300]], ['b', new Map([['c', 'text']])]]);
    const items = Buffer.concat([op.text('a'), op.raw('](K\x01G\xc0\x04\x00\x00\x00\x00\x00\x00N\x88M\x2c\x01e'), op.text('b'), op.raw('}'), op.text('c'), op.text('text'), op.raw('s')]);
    expect(await read(pickleOf(dictionary(items)))).toEqual(value);
    expect(await read(pickleOf(dictionary(items)), { wide: true })).toEqual(value);
    const framed = Buffer.concat([op.raw('\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x8c\x0bOrderedDict\x93)R\x94h\x00'), op.raw('.')]);
    await expect(read(framed)).rejects.toThrow('values are left over');
    expect(await read(Buffer.concat([framed.subarray(0, -3), op.raw('.')]))).toEqual(new Map());
  });

  it('has texts as they are, a byte order mark among them', async () => {
    expect(await read(pickleOf(op.text('\uFEFFname')))).toBe('\uFEFFname');
  });

  it('has tensors that show one number many times, as an expanded bias does', async () => {
    const tensor = await read(pickleOf(tensorOf({ elements: 6, offset: 2, shape: [64], strides: [0] }))) as TorchTensor;
    expect(tensor).toMatchObject({ shape: [64], strides: [0], length: 4 });
  });

  it('has tensors that begin within a storage and lie in any order there', async () => {
    const tensor = await read(pickleOf(tensorOf({ elements: 6, offset: 1, shape: [2, 2], strides: [1, 3] }))) as TorchTensor;
    expect(tensor).toMatchObject({ shape: [2, 2], strides: [1, 3], length: 4 * 5 });
  });
});

const storage = (kind: Buffer, type: Buffer, key: Buffer, elements: number): Buffer => Buffer.concat([op.tuple(kind, type, key, op.text('cpu'), op.whole(elements)), op.raw('Q')]);
const float = op.global('torch', 'FloatStorage');

describe('refused, and never executed', () => {
  const marker = 'touched';
  const cases: [string, () => Buffer, RegExp][] = [
    ['a call of os.system', () => pickleOf(op.global('posix', 'system'), op.tuple(op.text(`touch ${marker}`)), op.raw('R')), /posix\.system/],
    ['a call by its names on the stack', () => Buffer.concat([op.raw('\x80\x04'), op.text('builtins'), op.text('eval'), op.raw('\x93'), op.tuple(op.text('1')), op.raw('R.')]), /builtins\.eval/],
    ['a call of a function of torch that runs code', () => pickleOf(op.global('torch.jit', 'load'), op.tuple(op.text('x')), op.raw('R')), /torch\.jit\.load/],
    ['a global with an attribute path', () => Buffer.concat([op.raw('\x80\x04'), op.text('torch'), op.text('_utils.os.system'), op.raw('\x93.')]), /torch\._utils\.os\.system/],
    ['an object of a class (NEWOBJ)', () => pickleOf(op.global('collections', 'OrderedDict'), op.raw(')\x81')), /opcode 0x81/],
    ['an instance (INST)', () => pickleOf(op.raw('(iposix\nsystem\n')), /opcode 0x69/],
    ['an extension code', () => pickleOf(op.raw('\x82\x01')), /opcode 0x82/],
    ['__setstate__ of something called', () => pickleOf(float, op.raw('}b')), /state of an object/],
    ['__setstate__ by a tuple', () => pickleOf(op.raw('}'), op.tuple(op.whole(1)), op.raw('b')), /state of an object/],
    ['a call of a storage class', () => pickleOf(float, op.raw(')R')), /may not be called/],
    ['a call of a text', () => pickleOf(op.text('torch FloatStorage'), op.raw(')R')), /may not be called/],
    ['arguments that are no tuple', () => pickleOf(op.global('collections', 'OrderedDict'), op.raw('}R')), /may not be called/],
    ['an OrderedDict made of something', () => pickleOf(op.global('collections', 'OrderedDict'), op.tuple(op.raw(']')), op.raw('R')), /OrderedDict/],
    ['marks nested deeply', () => pickleOf(op.raw('('.repeat(5000))), /nests too deeply/],
    ['a text longer than the file', () => pickleOf(op.raw('X\xff\xff\xff\xff')), /breaks off/],
    ['a text of 8-byte length', () => pickleOf(op.raw('\x8d\xff\xff\xff\xff\xff\xff\xff\x7f')), /opcode 0x8d/],
    ['a huge whole number', () => pickleOf(op.raw('\x8b\xff\xff\xff\x7f')), /opcode 0x8b/],
    ['a whole number of 200 bytes', () => pickleOf(op.raw(`\x8a\xc8${'\xff'.repeat(200)}`)), /too long/],
    ['a memory that is not there', () => pickleOf(op.raw('h\x07')), /not there/],
    ['a key that is a list', () => pickleOf(op.raw('}]Ns')), /neither text nor number/],
    ['items without a dictionary', () => pickleOf(op.raw('](K\x01K\x02u')), /no dictionary/],
    ['a text that is not UTF-8', () => pickleOf(op.raw('X\x01\x00\x00\x00\xff')), /UTF-8/],
    ['protocol 9', () => op.raw('\x80\x09N.'), /protocol 9/],
    ['protocol 0', () => op.raw('I1\n.'), /opcode 0x49/],
    ['a truncated pickle', () => op.raw('\x80\x02}'), /breaks off/],
    ['a storage that is not in the file', () => pickleOf(storage(op.text('storage'), float, op.text('9'), 6)), /storage 9/],
    ['a storage outside its folder', () => pickleOf(storage(op.text('storage'), float, op.text('../data/0'), 6)), /storage/],
    ['a storage of another size', () => pickleOf(storage(op.text('storage'), float, op.text('0'), 7)), /7 elements/],
    ['a storage of a billion elements', () => pickleOf(storage(op.text('storage'), float, op.text('0'), 2 ** 30)), /elements/],
    ['a storage of no known type', () => pickleOf(storage(op.text('storage'), op.text('torch FloatStorage'), op.text('0'), 6)), /no storage/],
    ['another persistent id', () => pickleOf(storage(op.text('module'), float, op.text('0'), 6)), /no storage/],
    ['one storage of two types', () => pickleOf(storage(op.text('storage'), float, op.text('0'), 6), op.raw('0'), storage(op.text('storage'), op.global('torch', 'IntStorage'), op.text('0'), 6)), /two types/],
    ['a tensor beyond its storage', () => pickleOf(tensorOf({ elements: 6, offset: 3, shape: [2, 2], strides: [2, 1] })), /leaves its storage/],
    ['a tensor that shows one element a billion times', () => pickleOf(tensorOf({ elements: 6, shape: [2 ** 15, 2 ** 15], strides: [0, 0] })), /leaves its storage/],
    ['a negative view, whose numbers are not those of the storage', () => pickleOf(tensorOf({ elements: 6, shape: [6], strides: [1], views: 'neg' })), /negative or conjugate/],
    ['negative strides', () => pickleOf(tensorOf({ elements: 6, offset: 5, shape: [6], strides: [-1] })), /not described/],
    ['a negative shape', () => pickleOf(tensorOf({ elements: 6, shape: [-1], strides: [1] })), /not described/],
    ['strides of another length', () => pickleOf(tensorOf({ elements: 6, shape: [2, 3], strides: [1] })), /not described/],
    ['nine dimensions', () => pickleOf(tensorOf({ elements: 6, shape: Array<number>(9).fill(1), strides: Array<number>(9).fill(1) })), /not described/],
  ];

  it.each(cases)('%s', async (_, pickle, message) => {
    const reading = read(pickle());
    await expect(reading).rejects.toBeInstanceOf(InputError);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ place: expect.stringContaining('x/data.pkl') as string, remedy: expect.stringContaining('Nothing of it was run') as string });
    await expect(stat(marker)).rejects.toThrow('ENOENT');
  });

  it('takes a bomb of lists that hold each other for what it is: few bytes', async () => {
    const doubling = Buffer.concat([op.raw(']q\x00'), ...Array.from({ length: 200 }, (_, at) => op.raw(`](${'h'.concat(String.fromCharCode(at))}h${String.fromCharCode(at)}eq${String.fromCharCode(at + 1)}`))]);
    const started = performance.now();
    await read(pickleOf(doubling, op.raw('0'.repeat(200)))).catch(() => undefined);
    expect(performance.now() - started).toBeLessThan(2000);
    const nested = await read(pickleOf(op.raw(']'.repeat(200_000)), op.raw('a'.repeat(199_999))));
    expect(Array.isArray(nested)).toBe(true);
  });
});

describe('archives that are refused', () => {
  const empty = pickleOf(op.raw('}'));
  it.each<[string, ZipFlaws, RegExp]>([
    ['a compressed member', { central: { name: 'x/data/0', method: 8 } }, /compressed or encrypted/],
    ['an encrypted member', { central: { name: 'x/data/0', flags: 1 } }, /compressed or encrypted/],
    ['members that overlap', { central: { name: 'x/data/0', offset: 0, size: 10 } }, /overlap/],
    ['a member that leaves the file', { central: { name: 'x/data/0', size: 2 ** 31 } }, /leaves the file/],
    ['a member that begins nowhere', { central: { name: 'x/data/0', offset: 5 } }, /no member begins here/],
    ['a member beyond the end', { central: { name: 'x/data/0', offset: 2 ** 30 } }, /beyond the end/],
  ])('%s', async (_, flaws, message) => {
    const reading = read(empty, flaws);
    await expect(reading).rejects.toBeInstanceOf(InputError);
    await expect(reading).rejects.toThrow(message);
  });

  it('two members of one name, a module of code, another byte order, a pickle too long', async () => {
    await expect(read(empty, {}, [['x/data/0', numbers]])).rejects.toThrow('two members');
    await expect(read(empty, {}, [['x/constants.pkl', empty]])).rejects.toThrow('not what torch.save writes');
    await expect(read(empty, {}, [['y/data.pkl', empty]])).rejects.toThrow('not what torch.save writes');
    await expect(readTorchFile(await fileOf(zipOf([['x/data.pkl', empty], ['x/byteorder', Buffer.from('big')]])))).rejects.toThrow('byte order');
    await expect(read(Buffer.alloc(4 * 2 ** 20 + 1))).rejects.toThrow('allowed here');
  });

  it('files of PyTorch before 1.6, tar files, and what is neither', async () => {
    for (const start of ['8002', '8003', '8004950d00000000000000', '8005950d00000000000000']) { // from protocol 4 on in a frame
      await expect(readTorchFile(await fileOf(Buffer.from(`${start}8a0a6cfc9c46f9206aa850192e`, 'hex'))), start).rejects.toThrow('before 1.6');
    }
    const tar = Buffer.alloc(1024);
    tar.write('ustar', 257);
    await expect(readTorchFile(await fileOf(tar))).rejects.toThrow('before 1.6');
    for (const bytes of [Buffer.alloc(0), Buffer.from('PK'), Buffer.from('hello')]) await expect(readTorchFile(await fileOf(bytes))).rejects.toThrow('not a file of torch.save');
  });

  it('every truncation', async () => {
    const whole = zipOf([['x/data.pkl', pickleOf(tensorOf({ elements: 6, shape: [6], strides: [1] }))], ['x/data/0', numbers]]);
    for (let length = 0; length < whole.length; length += 3) await expect(readTorchFile(await fileOf(whole.subarray(0, length))), `${length} bytes`).rejects.toBeInstanceOf(InputError);
  });
});

describe('whatever the bytes', () => {
  const fails = async (path: string): Promise<void> => {
    try {
      await readTorchFile(path);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
    }
  };

  it('a pickle is read or refused', async () => {
    const path = join(await temporaryFolder(), 'x.pt');
    const opcodes = fc.constantFrom(...[0x80, 0x28, 0x29, 0x5d, 0x7d, 0x4b, 0x51, 0x52, 0x62, 0x63, 0x65, 0x68, 0x71, 0x74, 0x75, 0x85, 0x86, 0x93, 0x94, 0x2e, 0x58, 0x8c, 0x0a]);
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof({ weight: 4, arbitrary: opcodes }, fc.nat(255)), { maxLength: 60 }), async (bytes) => {
      await writeFile(path, zipOf([['x/data.pkl', Buffer.from(bytes)], ['x/data/0', numbers]]));
      await fails(path);
    }), { seed: 1, numRuns: 400 });
  });

  it('a damaged file is read or refused', async () => {
    const path = join(await temporaryFolder(), 'x.pt');
    const bytes = await readFile(join(golden('checkpoints'), 'openai-topk/autoencoder.pt'));
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }), fc.boolean(), async (edits, nearEnds) => {
      const damaged = Buffer.from(bytes);
      for (const [at, value] of edits) damaged[nearEnds ? (at % 2 === 0 ? at % 1200 : damaged.length - 1 - at % 900) : at % damaged.length] = value;
      await writeFile(path, damaged);
      await fails(path);
    }), { seed: 1, numRuns: 400 });
  });
});
