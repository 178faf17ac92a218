import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { bytesOf } from '../base/tensor.ts';
import type { DType, Tensor } from '../base/tensor.ts';
import { elementTypes } from './elementType.ts';

/** A node's attribute: a whole number, a list of them, text, a float where the operator wants one, or a graph (its fields). */
export type Attribute = number | readonly number[] | string | { readonly float: number } | { readonly graph: Uint8Array };

type Attributes = Readonly<Record<string, Attribute>>;

/** Builds a small ONNX graph from nothing: inputs, constants, nodes in execution order, outputs. Field numbers are those of onnx.proto3. */
export class GraphBuilder {
  readonly #graph = new BinaryWriter();
  readonly #opset: number;
  readonly #prefix: string;
  #names = 0;

  /** @param options.prefix of the names it makes up, so that a graph can be put inside another */
  constructor({ opset = 17, prefix = '' }: { opset?: number; prefix?: string } = {}) {
    this.#opset = opset;
    this.#prefix = prefix;
  }

  /** Declare an input; a dimension given by name is free. */
  input(name: string, dtype: DType, dims: readonly (number | string)[]): string {
    this.#message(11, writer => { valueInfo(writer, name, dtype, dims); });
    return name;
  }

  /** Declare that the value `name` is an output. @param dims left out: of any shape */
  output(name: string, dtype: DType, dims?: readonly (number | string)[]): void {
    this.#message(12, writer => { valueInfo(writer, name, dtype, dims); });
  }

  /** A constant stored in the model. @returns its name */
  constant({ dtype, shape, data }: Tensor, name = this.named('constant')): string {
    this.#message(5, writer => {
      tensorHead(writer, name, elementTypes[dtype], shape);
      writer.tag(9, WireType.LengthDelimited).bytes(bytesOf(data));
    });
    return name;
  }

  /** A constant float32 of rank 0. @returns its name */
  scalar(value: number): string {
    return this.constant({ dtype: 'float32', shape: [], data: Float32Array.of(value) });
  }

  /** A constant list of whole numbers, int64 [values.length]: axes, sizes, a shape. @returns its name */
  int64(...values: readonly number[]): string {
    return this.constant({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
  }

  /** A constant whose elements lie in a file. @param location relative to the folder the session is given @returns its name */
  external(elementType: number, shape: readonly number[], location: string, offset: number, length: number, name = this.named('weight')): string {
    this.#message(5, writer => {
      tensorHead(writer, name, elementType, shape);
      for (const [key, value] of Object.entries({ location, offset: String(offset), length: String(length) })) {
        writer.tag(13, WireType.LengthDelimited).fork()
          .tag(1, WireType.LengthDelimited).string(key).tag(2, WireType.LengthDelimited).string(value).join();
      }
      writer.tag(14, WireType.Varint).int32(1); // data_location: EXTERNAL
    });
    return name;
  }

  /** A name that no other value has, for one of a node's several outputs. */
  named(stem: string): string {
    return `${this.#prefix}${stem}_${this.#names++}`;
  }

  /** Add a node of one output. @returns the output's name */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}, output = this.named(op)): string {
    this.nodes(op, inputs, [output], attributes);
    return output;
  }

  /** Add a node of several outputs, with the names given. */
  nodes(op: string, inputs: readonly string[], outputs: readonly string[], attributes: Attributes = {}): void {
    this.#message(1, writer => {
      for (const name of inputs) writer.tag(1, WireType.LengthDelimited).string(name);
      for (const name of outputs) writer.tag(2, WireType.LengthDelimited).string(name);
      writer.tag(4, WireType.LengthDelimited).string(op);
      for (const [name, value] of Object.entries(attributes)) {
        writer.tag(5, WireType.LengthDelimited).fork();
        attribute(writer, name, value);
        writer.join();
      }
    });
  }

  /**
   * Add a choice: of two graphs inside this one, which may read all that was made here before, one is computed. Costs nothing but the branch taken.
   * @param condition bool of one element
   * @param branches each makes the values, in the order of `dtypes`, and returns their names
   * @param outputs names of the values chosen @returns these names
   */
  choose(condition: string, dtypes: readonly DType[], branches: Record<'then' | 'else', (graph: GraphBuilder) => readonly string[]>, outputs = dtypes.map(() => this.named('If'))): readonly string[] {
    const [first] = outputs;
    const graphOf = (branch: 'then' | 'else'): Attribute => {
      const graph = new GraphBuilder({ opset: this.#opset, prefix: `${first}/${branch}/` });
      for (const [index, value] of branches[branch](graph).entries()) graph.output(value, dtypes[index]);
      graph.#graph.tag(2, WireType.LengthDelimited).string(`${first}/${branch}`);
      return { graph: graph.takeFields() };
    };
    this.nodes('If', [condition], outputs, { then_branch: graphOf('then'), else_branch: graphOf('else') });
    return outputs;
  }

  /** The fields collected so far, to be put inside another graph's message; the builder is empty after it. */
  takeFields(): Uint8Array {
    return this.#graph.finish();
  }

  /** The bytes of the model; the builder is empty after it. */
  build(): Uint8Array {
    const graph = this.#graph.tag(2, WireType.LengthDelimited).string('graph').finish();
    return new BinaryWriter().tag(1, WireType.Varint).int64(8) // IR version
      .tag(8, WireType.LengthDelimited).fork().tag(2, WireType.Varint).int64(this.#opset).join()
      .tag(7, WireType.LengthDelimited).bytes(graph).finish();
  }

  #message(field: number, write: (writer: BinaryWriter) => void): void {
    this.#graph.tag(field, WireType.LengthDelimited).fork();
    write(this.#graph);
    this.#graph.join();
  }
}

function tensorHead(writer: BinaryWriter, name: string, elementType: number, shape: readonly number[]): void {
  writer.tag(1, WireType.LengthDelimited).fork();
  for (const length of shape) writer.int64(length);
  writer.join().tag(2, WireType.Varint).int32(elementType).tag(8, WireType.LengthDelimited).string(name);
}

function valueInfo(writer: BinaryWriter, name: string, dtype: DType, dims: readonly (number | string)[] | undefined): void {
  writer.tag(1, WireType.LengthDelimited).string(name)
    .tag(2, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork()
    .tag(1, WireType.Varint).int32(elementTypes[dtype]);
  if (dims !== undefined) {
    writer.tag(2, WireType.LengthDelimited).fork();
    for (const dim of dims) {
      writer.tag(1, WireType.LengthDelimited).fork();
      if (typeof dim === 'number') writer.tag(1, WireType.Varint).int64(dim);
      else writer.tag(2, WireType.LengthDelimited).string(dim);
      writer.join();
    }
    writer.join();
  }
  writer.join().join();
}

/** `AttributeProto`, with its type: 1 float, 2 int, 3 string, 5 graph, 7 ints. */
function attribute(writer: BinaryWriter, name: string, value: Attribute): void {
  writer.tag(1, WireType.LengthDelimited).string(name);
  if (typeof value === 'number') writer.tag(3, WireType.Varint).int64(value).tag(20, WireType.Varint).int32(2);
  else if (typeof value === 'string') writer.tag(4, WireType.LengthDelimited).string(value).tag(20, WireType.Varint).int32(3);
  else if ('graph' in value) writer.tag(6, WireType.LengthDelimited).bytes(value.graph).tag(20, WireType.Varint).int32(5);
  else if ('float' in value) writer.tag(2, WireType.Bit32).float(value.float).tag(20, WireType.Varint).int32(1);
  else {
    for (const item of value) writer.tag(8, WireType.Varint).int64(item);
    writer.tag(20, WireType.Varint).int32(7);
  }
}
