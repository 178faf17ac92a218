import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { widenFloat16 } from '../base/float16.ts';
import { bytesPerElement, elementsOf } from '../base/tensor.ts';
import { dtypeOf } from './elementType.ts';
import { subfields, varint } from './messages.ts';
import type { GraphNode } from './messages.ts';

/** The whole numbers of a node's attribute (`AttributeProto`'s `ints`); undefined where it has none of this name. @throws Error when the bytes are not a message */
export function wholeNumbers({ message }: GraphNode, name: string): readonly number[] | undefined {
  const found = attributeOf(message, name);
  if (found === undefined) return undefined;
  const reader = new BinaryReader(found);
  const numbers: number[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 8 && type === WireType.Varint) {
      numbers.push(Number(reader.int64()));
    } else if (field === 8 && type === WireType.LengthDelimited) { // packed
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) numbers.push(Number(reader.int64()));
    } else {
      reader.skip(type, field);
    }
  }
  return numbers;
}

/** The whole number of a node's attribute (`i`). @throws Error when the bytes are not a message */
export function wholeNumber({ message }: GraphNode, name: string): number | undefined {
  const found = attributeOf(message, name);
  return found && varint(found, 3);
}

/** The text of a node's attribute (`s`). @throws Error when the bytes are not a message */
export function textOf({ message }: GraphNode, name: string): string | undefined {
  const found = attributeOf(message, name);
  const text = found && [...subfields(found)].find(([field]) => field === 4)?.[1];
  return text && Buffer.from(text).toString();
}

/** The tensor that a `Constant` holds (`TensorProto`); undefined of any other node. @throws Error when the bytes are not a message */
export function constantTensor(node: GraphNode | undefined): Uint8Array | undefined {
  const found = node?.opType === 'Constant' ? attributeOf(node.message, 'value') : undefined;
  return found && [...subfields(found)].find(([field]) => field === 5)?.[1];
}

/** Elements of a small tensor of float32, float16 or int64, written inside its message (`TensorProto`); undefined of others, and of broken ones. @throws Error when the bytes are not a message */
export function smallTensor(message: Uint8Array): readonly number[] | undefined {
  const fields = new Map(subfields(message));
  const dtype = dtypeOf(varint(message, 2) ?? 0);
  const bytes = fields.get(9) ?? (dtype === 'float32' ? fields.get(4) : undefined); // raw, or a packed list
  if (dtype === undefined || bytes === undefined || bytes.length % bytesPerElement[dtype] !== 0) return undefined;
  const data = elementsOf(dtype, Uint8Array.from(bytes)); // aligned
  if (dtype === 'float16') return Array.from(widenFloat16(data as Uint16Array));
  return dtype === 'float32' || dtype === 'int64' ? Array.from(data as Float32Array | BigInt64Array, Number) : undefined;
}

function attributeOf(node: Uint8Array, name: string): Uint8Array | undefined {
  for (const [field, attribute] of subfields(node)) {
    if (field !== 5) continue;
    const [, own] = [...subfields(attribute)].find(([inner]) => inner === 1) ?? [];
    if (own !== undefined && Buffer.from(own).toString() === name) return attribute;
  }
  return undefined;
}
