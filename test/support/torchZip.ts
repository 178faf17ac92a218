/** How a zip archive is to be wrong. */
export interface ZipFlaws {
  /** What the list of members says of one of them. */
  readonly central?: { readonly name: string; readonly method?: number; readonly flags?: number; readonly size?: number; readonly offset?: number };
  /** Say sizes in the zip64 fields, as PyTorch does for large files. */
  readonly wide?: boolean;
}

/** A stored zip archive, as PyTorch writes it; checksums are wrong. */
export function zipOf(members: readonly (readonly [name: string, bytes: Uint8Array])[], { central, wide = false }: ZipFlaws = {}): Buffer {
  const files: Buffer[] = [];
  const list: Buffer[] = [];
  let at = 0;
  for (const [name, bytes] of members) {
    const local = Buffer.alloc(30 + name.length);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt32LE(bytes.length, 18);
    local.writeUInt32LE(bytes.length, 22);
    local.writeUInt16LE(name.length, 26);
    local.write(name, 30, 'latin1');
    const flaw = central?.name === name ? central : undefined;
    const [size, offset] = [flaw?.size ?? bytes.length, flaw?.offset ?? at];
    const extra = Buffer.alloc(wide ? 28 : 0);
    const entry = Buffer.alloc(46 + name.length);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flaw?.flags ?? 0, 8);
    entry.writeUInt16LE(flaw?.method ?? 0, 10);
    entry.writeUInt32LE(0xdeadbeef, 16); // of the content: nobody looks at it
    for (const [field, value] of [[20, size], [24, size], [42, offset]] as const) entry.writeUInt32LE(wide ? 0xffffffff : value, field);
    if (wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      for (const [field, value] of [size, size, offset].entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * field);
      entry.writeUInt16LE(extra.length, 30);
    }
    entry.writeUInt16LE(name.length, 28);
    entry.write(name, 46, 'latin1');
    list.push(entry, extra);
    files.push(local, Buffer.from(bytes));
    at += local.length + bytes.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, directory, end]);
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  const head = Buffer.alloc(5);
  head[0] = 0x58;
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};

const whole = (value: number): Buffer => {
  const bytes = Buffer.alloc(5);
  bytes[0] = 0x4a;
  bytes.writeInt32LE(value, 1);
  return bytes;
};

/** Pieces of pickles: texts of opcodes as latin1, texts and whole numbers as values. */
export const op = {
  raw: (value: string): Buffer => Buffer.from(value, 'latin1'),
  text, whole,
  global: (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`, 'latin1'),
  tuple: (...items: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]),
};

/** A pickle of protocol 2. */
export function pickleOf(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('\x80\x02', 'latin1'), ...parts, Buffer.from('.')]);
}

/** A tensor over the storage "0" of so many float32. */
export function tensorOf({ elements, offset = 0, shape, strides, views }: { elements: number; offset?: number; shape: readonly number[]; strides: readonly number[]; views?: 'conj' | 'neg' }): Buffer {
  const storage = op.tuple(text('storage'), op.global('torch', 'FloatStorage'), text('0'), text('cpu'), whole(elements));
  return Buffer.concat([
    op.global('torch._utils', '_rebuild_tensor_v2'),
    op.tuple(storage, op.raw('Q'), whole(offset), op.tuple(...shape.map(whole)), op.tuple(...strides.map(whole)), op.raw('\x89'), op.global('collections', 'OrderedDict'), op.raw(')R'),
      ...views === undefined ? [] : [op.raw('}'), text(views), op.raw('\x88s')]),
    op.raw('R'),
  ]);
}
