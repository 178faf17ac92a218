import { WireType } from '@bufbuild/protobuf/wire';
import type { FileCursor } from './fileCursor.ts';
import { decodeEntry } from './messages.ts';

/** A weight (`TensorProto`) as the scan finds it. */
export interface ScannedTensor {
  readonly name: string;
  /** `TensorProto.DataType`. */
  readonly elementType: number;
  readonly dims: readonly number[];
  /** Little-endian elements inside the model file; undefined where they stand in another encoding or another file. */
  readonly raw: { readonly offset: number; readonly length: number } | undefined;
  /** The `external_data` entries, where the elements lie in another file. */
  readonly external: ReadonlyMap<string, string> | undefined;
  /** The message's own place in the model file. */
  readonly start: number;
  readonly end: number;
}

/** A model file taken apart: message bodies without weights, and the weights' places. Field numbers are those of onnx.proto3. */
export interface ScannedModel {
  /** `ModelProto` without graph and training info. */
  readonly model: Uint8Array;
  /** `GraphProto` without initializers. */
  readonly graph: Uint8Array;
  readonly tensors: readonly ScannedTensor[];
}

/** Far above any network, and few enough that a hostile file cannot exhaust memory. */
const maxParts = 100_000;

const maxRank = 32;

/** What is kept in memory: nodes, declarations, and weights that are not raw bytes. Of Stable Diffusion's U-Net it is a megabyte; models with their weights in constants have more. */
const maxKept = 2 ** 30;

/** Walk a whole model file. @throws InputError, or any Error, when it is not a model */
export function scanModel(cursor: FileCursor): ScannedModel {
  const { size } = cursor;
  const model = new Ranges();
  const graph = new Ranges();
  const tensors: ScannedTensor[] = [];
  let graphs = 0;
  let start = cursor.position;
  for (const [field, type] of cursor.fields(size)) {
    if (field === 7 && type === WireType.LengthDelimited) {
      graphs++;
      scanGraph(cursor, cursor.enter(size), graph, tensors);
    } else {
      cursor.skip(type, size);
      if (field !== 20) { // training_info holds graphs of its own, and inference needs none of them
        model.add(start, cursor.position);
      }
    }
    start = cursor.position;
  }
  if (graphs !== 1) {
    throw cursor.malformed(`it holds ${graphs} graphs`);
  }
  const kept = model.bytes + graph.bytes + tensors.reduce((sum, { raw, external, start, end }) => sum + (raw === undefined && external === undefined ? end - start : 0), 0);
  if (kept > maxKept) {
    throw cursor.malformed(`it holds ${kept} bytes that are no weights, or weights that are not stored as raw data`);
  }
  return { model: model.read(cursor), graph: graph.read(cursor), tensors };
}

function scanGraph(cursor: FileCursor, end: number, graph: Ranges, tensors: ScannedTensor[]): void {
  let parts = 0;
  let start = cursor.position;
  for (const [field, type] of cursor.fields(end)) {
    if (field === 5 && type === WireType.LengthDelimited) {
      tensors.push(scanTensor(cursor, cursor.enter(end)));
    } else {
      cursor.skip(type, end);
      graph.add(start, cursor.position);
    }
    if (++parts > maxParts) {
      throw cursor.malformed(`it has more than ${maxParts} parts`);
    }
    start = cursor.position;
  }
}

/** Parts of the file to be read in one go: neighbours are joined. */
class Ranges {
  readonly #ranges: { readonly start: number; end: number }[] = [];

  add(start: number, end: number): void {
    const last = this.#ranges.at(-1);
    if (last?.end === start) last.end = end;
    else this.#ranges.push({ start, end });
  }

  get bytes(): number {
    return this.#ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  read(cursor: FileCursor): Uint8Array {
    return Buffer.concat(this.#ranges.map(({ start, end }) => cursor.bytes(start, end)));
  }
}

function scanTensor(cursor: FileCursor, end: number): ScannedTensor {
  const start = cursor.position;
  const dims: number[] = [];
  const external: [key: string, value: string][] = [];
  let [name, elementType, isExternal] = ['', 0, false];
  let raw: ScannedTensor['raw'];
  for (const [field, type] of cursor.fields(end)) {
    if (type === WireType.Varint) {
      const value = cursor.varint();
      if (field === 1) dims.push(value);
      if (field === 2) elementType = value;
      // Whoever reads the model after us may take another value for "elsewhere": protobuf cuts numbers to 32 bits, and passes over unknown ones.
      if (field === 14 && value !== 0) isExternal = true;
    } else if (type === WireType.LengthDelimited) {
      const fieldEnd = cursor.enter(end);
      if (field === 1) {
        while (cursor.position < fieldEnd && dims.length <= maxRank) dims.push(cursor.varint());
      } else if (field === 8) {
        name = Buffer.from(cursor.bytes(cursor.position, fieldEnd)).toString();
      } else if (field === 13) {
        external.push(decodeEntry(cursor.bytes(cursor.position, fieldEnd)));
      } else if (field === 9) {
        raw = { offset: cursor.position, length: fieldEnd - cursor.position };
      }
      cursor.position = fieldEnd;
    } else {
      cursor.skip(type, end);
    }
    if (dims.length > maxRank) {
      throw cursor.malformed(`a weight has more than ${maxRank} dimensions`);
    }
  }
  return { name, elementType, dims, raw, external: isExternal ? new Map(external) : undefined, start, end };
}
