import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../base/errors.ts';
import { phrase, type Phrase } from '../base/phrase.ts';
import { fileError, withFile } from '../base/fileBytes.ts';
import { resolveInside } from '../base/insideFolder.ts';
import { bytesPerElement, sizeOf } from '../base/tensor.ts';
import { dtypeOf } from './elementType.ts';
import { FileCursor } from './fileCursor.ts';
import { hasExternalData } from './hasExternalData.ts';
import { decodeNode, decodeOpset, decodeValue, subfields } from './messages.ts';
import type { DeclaredValue, GraphNode } from './messages.ts';
import { scanModel } from './scanModel.ts';
import type { ScannedTensor } from './scanModel.ts';

/** Bytes [`offset`, `offset + length`) of a file, given by its real path. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** An initializer: its type (`TensorProto.DataType`), dimensions, and the place of its elements, or its whole message where that is small. */
export interface Weight {
  readonly elementType: number;
  readonly dims: readonly number[];
  readonly data: FileRange | Uint8Array;
}

/** An ONNX model without its weights. */
export interface ModelIndex {
  /** As given to `indexModel`. */
  readonly path: string;
  /** Version of each operator set by domain; the standard domain is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly nodes: readonly GraphNode[];
  readonly weights: ReadonlyMap<string, Weight>;
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
  /** What the file tells about the values between inputs and outputs: often nothing. */
  readonly values: ReadonlyMap<string, DeclaredValue>;
  /** The fields of the graph's message but nodes and weights. */
  readonly graphFields: readonly (readonly [field: number, value: Uint8Array])[];
  /** The model's message without its graph. */
  readonly modelMessage: Uint8Array;
}

/** Smaller weights stay in the model: shape inference needs the values of some. */
const inlineBytes = 1024;

/** Read a model's structure and the places of its weights; no large weight is read. @throws InputError when it is malformed or unsafe */
export async function indexModel(path: string): Promise<ModelIndex> {
  let cursor: FileCursor | undefined;
  try {
    cursor = FileCursor.open(path);
    const { model, graph, tensors } = scanModel(cursor);
    const realPath = await realpath(path);
    const weights = new Map<string, Weight>();
    for (const tensor of tensors) {
      if (weights.has(tensor.name)) {
        throw cursor.malformed(`weight ${tensor.name} occurs twice`);
      }
      weights.set(tensor.name, await locate(tensor, cursor, path, realPath));
    }
    return { path, weights, modelMessage: model, ...decode(model, graph, path) };
  } catch (error) {
    throw error instanceof InputError || isSystemError(error) ? fileError(error, path) : malformed(path, error as Error);
  } finally {
    cursor?.close();
  }
}

async function locate(
  { name, elementType, dims, raw, external, start, end }: ScannedTensor, cursor: FileCursor, path: string, realPath: string,
): Promise<Weight> {
  let data: Weight['data'];
  if (external !== undefined) {
    data = await externalRange(external, path, name);
  } else if (raw !== undefined && raw.length > inlineBytes) {
    data = { path: realPath, ...raw };
  } else {
    return { elementType, dims, data: cursor.bytes(start, end) };
  }
  const dtype = dtypeOf(elementType);
  if (dtype !== undefined && sizeOf(dims) * bytesPerElement[dtype] !== data.length) {
    throw new InputError(phrase`${data.length} bytes do not hold ${dtype} [${dims.join(', ')}]`, {
      file: path, place: name, remedy: phrase`The model is damaged: export or download it again.`,
    });
  }
  return { elementType, dims, data };
}

/** Follow a weight into the file that the exporter put it in, which must lie in the model's folder. */
async function externalRange(entries: ReadonlyMap<string, string>, model: string, name: string): Promise<FileRange> {
  const path = await resolveInside(dirname(model), entries.get('location') ?? '');
  const size = await withFile(path, (_, bytes) => Promise.resolve(bytes));
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? size - offset);
  if (![offset, length].every(value => Number.isSafeInteger(value) && value >= 0) || offset + length > size) {
    throw new InputError(phrase`weight ${name} lies at bytes ${offset} to ${offset + length}, the file has ${size}`, {
      file: path, place: `byte ${offset}`, remedy: phrase`The file is truncated or belongs to another model: export or download both again.`,
    });
  }
  return { path, offset, length };
}

function decode(model: Uint8Array, graph: Uint8Array, path: string): Omit<ModelIndex, 'path' | 'weights' | 'modelMessage'> {
  const opsets = new Map<string, number>();
  const nodes: GraphNode[] = [];
  const inputs: DeclaredValue[] = [];
  const outputs: DeclaredValue[] = [];
  const values = new Map<string, DeclaredValue>();
  const graphFields: [number, Uint8Array][] = [];
  const refuse = (what: Phrase): InputError => new InputError(phrase`${what} keeps data in another file, which only the graph's own weights may`, {
    file: path, remedy: phrase`Load the model in Python and save it with onnx.save(..., save_as_external_data=True).`,
  });
  for (const [field, value] of subfields(model)) {
    if (field === 8) opsets.set(...decodeOpset(value));
    if (field === 25 && hasExternalData(value, 'function')) throw refuse(phrase`a function`);
  }
  for (const [field, value] of subfields(graph)) {
    if (field === 1) {
      nodes.push(decodeNode(value));
      if (hasExternalData(value, 'node')) throw refuse(phrase`node ${nodes[nodes.length - 1].name}`);
      continue;
    }
    graphFields.push([field, value]);
    if (field === 11) inputs.push(decodeValue(value));
    if (field === 12) outputs.push(decodeValue(value));
    if (field === 13) {
      const declared = decodeValue(value);
      values.set(declared.name, declared);
    }
    if (field === 15 && hasExternalData(value, 'sparse')) throw refuse(phrase`a sparse weight`);
  }
  return { opsets, nodes, inputs, outputs, values, graphFields };
}

function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

/** What the decoder of messages says, as an error of the file. */
function malformed(file: string, { message }: Error): InputError {
  return new InputError(phrase`is not a valid ONNX model: ${message}`, { file, remedy: phrase`The file is damaged: export or download it again.` });
}
