import type { DType } from '../base/tensor.ts';
import { wholeNumber } from '../onnx/attributes.ts';
import { dtypeOf } from '../onnx/elementType.ts';
import type { GraphNode } from '../onnx/messages.ts';
import type { ModelIndex } from '../onnx/modelIndex.ts';

/** Operators that rearrange values and keep them. */
export const rearranging: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Cast']);

/** Between a block's last layer and its sum there are at most three of them; a malformed graph may have a circle. */
export const maxHops = 8;

/** Who makes a value, and who reads it. */
export class GraphView {
  readonly index: ModelIndex;
  readonly #producers = new Map<string, GraphNode>();
  readonly #consumers = new Map<string, GraphNode[]>();
  readonly #order: ReadonlyMap<GraphNode, number>;

  constructor(index: ModelIndex) {
    this.index = index;
    this.#order = new Map(index.nodes.map((node, position) => [node, position]));
    for (const node of index.nodes) {
      for (const output of node.outputs) {
        this.#producers.set(output, node);
      }
      for (const input of new Set(node.inputs)) {
        const readers = this.#consumers.get(input);
        if (readers === undefined) this.#consumers.set(input, [node]);
        else readers.push(node);
      }
    }
  }

  producer(value: string): GraphNode | undefined {
    return this.#producers.get(value);
  }

  consumers(value: string): readonly GraphNode[] {
    return this.#consumers.get(value) ?? [];
  }

  /** Position of a node in the order of execution; inputs and weights come before all. */
  position(node: GraphNode | undefined): number {
    return node === undefined ? -1 : this.#order.get(node) ?? -1;
  }

  /** Width of the last layer before a value, that of its bias, and the value's type: the bias's, or what it was cast to since. */
  biasBehind(value: string): { channels: number; dtype: DType } | undefined {
    let node = this.producer(value);
    let cast: GraphNode | undefined;
    for (let hop = 0; hop < maxHops && node !== undefined && rearranging.has(node.opType); hop++) {
      if (node.opType === 'Cast') cast ??= node;
      node = this.producer(node.inputs[0]);
    }
    for (const input of node?.inputs ?? []) {
      const { dims, elementType } = this.index.weights.get(input) ?? { dims: [], elementType: 0 };
      const dtype = dtypeOf(cast === undefined ? elementType : wholeNumber(cast, 'to') ?? 0);
      if (dims.length === 1 && dtype !== undefined) {
        return { channels: dims[0], dtype };
      }
    }
    return undefined;
  }

  /** Width and type as the file declares them. */
  declared(value: string): { channels: number; dtype: DType } | undefined {
    const { dims, elementType } = this.index.values.get(value) ?? { dims: [], elementType: 0 };
    const dtype = dtypeOf(elementType);
    const channels = dims[1];
    return typeof channels === 'number' && dtype !== undefined ? { channels, dtype } : undefined;
  }
}
