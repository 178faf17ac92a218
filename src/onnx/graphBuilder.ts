import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { bytesOf } from '../base/tensor.ts';
import type { DType, Tensor } from '../base/tensor.ts';

/** `TensorProto.DataType` of onnx.proto3. */
const elementTypes: Readonly<Record<DType, number>> = {
  float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11,
};

/** A node's attribute: a whole number, a list of them, text, or a float where the operator wants one. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** Builds a small ONNX model from nothing: inputs, constants, nodes in execution order, outputs. */
export class GraphBuilder {
  readonly #graph = new BinaryWriter();
  readonly #opset: number;
  #names = 0;

  constructor({ opset = 17 }: { opset?: number } = {}) {
    this.#opset = opset;
  }

  /** Declare an input; a dimension given by name is free. */
  input(name: string, dtype: DType, dims: readonly (number | string)[]): string {
    this.#message(11, (writer) => { valueInfo(writer, name, dtype, dims); });
    return name;
  }

  /** Declare that the value `name` is an output. */
  output(name: string, dtype: DType, dims: readonly (number | string)[]): void {
    this.#message(12, (writer) => { valueInfo(writer, name, dtype, dims); });
  }

  /** A constant stored in the model. @returns its name */
  constant({ dtype, shape, data }: Tensor, name = this.#fresh('constant')): string {
    this.#message(5, (writer) => {
      writer.tag(1, WireType.LengthDelimited).fork();
      for (const length of shape) writer.int64(length);
      writer.join().tag(2, WireType.Varint).int32(elementTypes[dtype])
        .tag(8, WireType.LengthDelimited).string(name).tag(9, WireType.LengthDelimited).bytes(bytesOf(data));
    });
    return name;
  }

  /** Add a node of one output. @returns the output's name */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}, output = this.#fresh(op)): string {
    this.nodes(op, inputs, [output], attributes);
    return output;
  }

  /** Add a node of several outputs, with the names given. */
  nodes(op: string, inputs: readonly string[], outputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): void {
    this.#message(1, (writer) => {
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

  /** The bytes of the model. */
  build(): Uint8Array {
    const graph = this.#graph.tag(2, WireType.LengthDelimited).string('graph').finish();
    return new BinaryWriter().tag(1, WireType.Varint).int64(9) // IR version
      .tag(8, WireType.LengthDelimited).fork().tag(2, WireType.Varint).int64(this.#opset).join()
      .tag(7, WireType.LengthDelimited).bytes(graph).finish();
  }

  #fresh(stem: string): string {
    return `${stem}_${this.#names++}`;
  }

  #message(field: number, write: (writer: BinaryWriter) => void): void {
    this.#graph.tag(field, WireType.LengthDelimited).fork();
    write(this.#graph);
    this.#graph.join();
  }
}

function valueInfo(writer: BinaryWriter, name: string, dtype: DType, dims: readonly (number | string)[]): void {
  writer.tag(1, WireType.LengthDelimited).string(name)
    .tag(2, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork()
    .tag(1, WireType.Varint).int32(elementTypes[dtype]).tag(2, WireType.LengthDelimited).fork();
  for (const dim of dims) {
    writer.tag(1, WireType.LengthDelimited).fork();
    if (typeof dim === 'number') writer.tag(1, WireType.Varint).int64(dim);
    else writer.tag(2, WireType.LengthDelimited).string(dim);
    writer.join();
  }
  writer.join().join().join();
}

function attribute(writer: BinaryWriter, name: string, value: Attribute): void {
  writer.tag(1, WireType.LengthDelimited).string(name);
  if (typeof value === 'number') writer.tag(3, WireType.Varint).int64(value).tag(20, WireType.Varint).int32(2);
  else if (typeof value === 'string') writer.tag(4, WireType.LengthDelimited).string(value).tag(20, WireType.Varint).int32(3);
  else if ('float' in value) writer.tag(2, WireType.Bit32).float(value.float).tag(20, WireType.Varint).int32(1);
  else {
    for (const item of value) writer.tag(8, WireType.Varint).int64(item);
    writer.tag(20, WireType.Varint).int32(7);
  }
}
