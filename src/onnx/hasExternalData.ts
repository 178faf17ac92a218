import { subfields, varints } from './messages.ts';

type Message = 'function' | 'node' | 'attribute' | 'graph' | 'sparse' | 'tensor';

/** Which length-delimited fields of onnx.proto3's messages lead to tensors. */
const inside: Readonly<Record<Message, ReadonlyMap<number, Message>>> = {
  function: new Map([[7, 'node'], [11, 'attribute']]),
  node: new Map([[5, 'attribute']]),
  attribute: new Map([[5, 'tensor'], [10, 'tensor'], [6, 'graph'], [11, 'graph'], [22, 'sparse'], [23, 'sparse']]),
  graph: new Map([[1, 'node'], [5, 'tensor'], [15, 'sparse']]),
  sparse: new Map([[1, 'tensor'], [2, 'tensor']]),
  tensor: new Map(),
};

const maxDepth = 64;

/**
 * Whether a message holds, at any depth, a tensor whose elements lie in another file. Only the graph's own weights may: their paths
 * are checked, those in attributes and subgraphs would escape that.
 * @throws Error when the bytes are not a message, or nest too deeply
 */
export function hasExternalData(message: Uint8Array, type: Message, depth = 0): boolean {
  if (depth > maxDepth) {
    throw new RangeError('messages nest too deeply');
  }
  if (type === 'tensor') {
    return varints(message, 14).some(value => value !== 0); // data_location; any but DEFAULT, as readers of protobuf differ in what they make of numbers that do not exist
  }
  for (const [field, value] of subfields(message)) {
    const inner = inside[type].get(field);
    if (inner !== undefined && hasExternalData(value, inner, depth + 1)) {
      return true;
    }
  }
  return false;
}
