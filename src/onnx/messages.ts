import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** A node (`NodeProto`) with its message as it stands in the file. */
export interface GraphNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly message: Uint8Array;
}

/** A declared value (`ValueInfoProto`): its `TensorProto.DataType` (0: unknown) and dimensions, free ones by name. */
export interface DeclaredValue {
  readonly name: string;
  readonly elementType: number;
  readonly dims: readonly (number | string)[];
}

/** Decode a `NodeProto`. @throws Error when the bytes are not a message */
export function decodeNode(message: Uint8Array): GraphNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const metadata = new Map<string, string>();
  let name = '';
  let opType = '';
  let domain = '';
  for (const [field, value] of subfields(message)) {
    switch (field) {
      case 1: inputs.push(text(value)); break;
      case 2: outputs.push(text(value)); break;
      case 3: name = text(value); break;
      case 4: opType = text(value); break;
      case 7: domain = text(value); break;
      case 9: metadata.set(...decodeEntry(value)); break;
    }
  }
  return { name, opType, domain, inputs, outputs, metadata, message };
}

/** Decode a `StringStringEntryProto`. @throws Error when the bytes are not a message */
export function decodeEntry(message: Uint8Array): [key: string, value: string] {
  let [key, entry] = ['', ''];
  for (const [field, value] of subfields(message)) {
    if (field === 1) key = text(value);
    if (field === 2) entry = text(value);
  }
  return [key, entry];
}

/** Decode an `OperatorSetIdProto`. @throws Error when the bytes are not a message */
export function decodeOpset(message: Uint8Array): [domain: string, version: number] {
  let domain = '';
  for (const [field, value] of subfields(message)) {
    if (field === 1) domain = text(value);
  }
  return [domain === 'ai.onnx' ? '' : domain, varint(message, 2) ?? 0];
}

/** Decode a `ValueInfoProto`; values other than tensors have no dimensions. @throws Error when the bytes are not a message */
export function decodeValue(message: Uint8Array): DeclaredValue {
  const [name = new Uint8Array()] = all(message, 1);
  const dims: (number | string)[] = [];
  let elementType = 0;
  for (const tensorType of all(message, 2).flatMap(type => all(type, 1))) {
    elementType = varint(tensorType, 1) ?? 0;
    for (const dim of all(tensorType, 2).flatMap(shape => all(shape, 1))) {
      const [parameter = new Uint8Array()] = all(dim, 2);
      dims.push(varint(dim, 1) ?? text(parameter));
    }
  }
  return { name: text(name), elementType, dims };
}

/** The length-delimited fields of a message: texts, bytes and messages inside it. @throws Error when the bytes are not a message */
export function* subfields(message: Uint8Array): Generator<[field: number, value: Uint8Array]> {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) {
      yield [field, reader.bytes()];
    } else {
      reader.skip(type, field);
    }
  }
}

/** The last value of a field of whole numbers. @throws Error when the bytes are not a message */
export function varint(message: Uint8Array, wanted: number): number | undefined {
  return varints(message, wanted).at(-1);
}

/** All values of a field of whole numbers. @throws Error when the bytes are not a message */
export function varints(message: Uint8Array, wanted: number): number[] {
  const reader = new BinaryReader(message);
  const values: number[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === wanted && type === WireType.Varint) {
      values.push(Number(reader.int64()));
    } else {
      reader.skip(type, field);
    }
  }
  return values;
}

function all(message: Uint8Array, wanted: number): Uint8Array[] {
  return [...subfields(message)].filter(([field]) => field === wanted).map(([, value]) => value);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
