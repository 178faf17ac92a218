import { realpath } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { GraphBuilder } from './graphBuilder.ts';
import { subfields } from './messages.ts';
import type { GraphNode } from './messages.ts';
import type { ModelIndex } from './modelIndex.ts';

/** A fragment put into the graph right after the node that makes `after`: the order of nodes is normative. */
export interface Splice {
  /** Name of the value that the fragment reads; where it is an input of the graph, the fragment goes first. */
  readonly after: string;
  /** Fields of a graph, as of `GraphBuilder.takeFields`. */
  readonly fragment: Uint8Array;
  /** The fragment makes `after` anew, for all that read it; it finds the original as `originalName(after)`. */
  readonly replaces?: boolean;
}

const nothing = new Uint8Array();

/** The folder that holds a model's file and all files with its weights. */
export async function modelFolder({ path, weights }: ModelIndex): Promise<string> {
  const files = [...weights.values()].flatMap(({ data }) => data instanceof Uint8Array ? [] : [data.path]);
  return commonFolder([await realpath(path), ...new Set(files)]);
}

/** The name under which a replaced value lives on. */
export function originalName(value: string): string {
  return `${value}__orig`;
}

/**
 * A small model of the same network: its large weights are references into the files they lie in, its graph has the fragments spliced in.
 * @param folder holds every file with weights, see `commonFolder`; to be given to the session
 * @param splices at most one for each value
 * @throws InputError when a fragment has no place
 */
export function writeSkeleton(index: ModelIndex, folder: string, splices: readonly Splice[]): Uint8Array {
  const graph = new BinaryWriter();
  for (const [field, value] of index.graphFields) {
    graph.tag(field, WireType.LengthDelimited).bytes(value); // the model's own outputs stay the first
  }
  const pending = new Map(splices.map(splice => [splice.after, splice]));
  const splice = (value: string): Splice | undefined => {
    const found = pending.get(value);
    pending.delete(value);
    return found;
  };
  for (const { name } of index.inputs) {
    graph.raw(splice(name)?.fragment ?? nothing);
  }
  for (const node of index.nodes) {
    const here = node.outputs.map(splice).filter(found => found !== undefined);
    const replaced = here.filter(({ replaces }) => replaces).map(({ after }) => after);
    graph.tag(1, WireType.LengthDelimited).bytes(replaced.length === 0 ? node.message : renamed(node, replaced));
    for (const { fragment } of here) {
      graph.raw(fragment);
    }
  }
  for (const value of pending.keys()) {
    throw new InputError(phrase`no node makes ${value}`, { file: index.path, place: value, remedy: phrase`Export the model again.` });
  }
  const weights = new GraphBuilder();
  for (const [name, { elementType, dims, data }] of index.weights) {
    if (data instanceof Uint8Array) {
      graph.tag(5, WireType.LengthDelimited).bytes(data);
    } else {
      weights.external(elementType, dims, locationIn(folder, data.path), data.offset, data.length, name);
    }
  }
  graph.raw(weights.takeFields());
  return new BinaryWriter().raw(index.modelMessage).tag(7, WireType.LengthDelimited).bytes(graph.finish()).finish();
}

/** A node that makes `values` under their original names. All fields of a node are length-delimited. */
function renamed(node: GraphNode, values: readonly string[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [field, value] of subfields(node.message)) {
    const output = field === 2 ? Buffer.from(value).toString() : '';
    writer.tag(field, WireType.LengthDelimited);
    if (values.includes(output)) writer.string(originalName(output));
    else writer.bytes(value);
  }
  return writer.finish();
}

/** The deepest folder that holds all files. @param paths real paths @throws InputError when there is none (two drives) */
export function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0]);
  for (const path of paths) {
    while (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      const parent = dirname(folder);
      if (parent === folder) {
        throw new InputError(phrase`lies on another drive than ${paths[0]}`, { file: path, remedy: phrase`Put the model and its SAEs on one drive.` });
      }
      folder = parent;
    }
  }
  return folder;
}

/** A path as `external_data` wants it: relative to the folder, with slashes. */
export function locationIn(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
