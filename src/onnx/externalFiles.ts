import { dirname } from 'node:path';
import { resolveInside } from '../base/insideFolder.ts';
import { FileCursor } from './fileCursor.ts';
import { scanModel, type ScannedTensor } from './scanModel.ts';

/**
 * The files beside a model that hold weights of its graph, each once, in the order of their names.
 * @returns real paths; none of a file that is no model, which is for whoever opens it to say. @throws InputError when one is missing or lies outside the model's folder
 */
export async function externalFiles(path: string): Promise<string[]> {
  const locations = new Set(tensorsOf(path).flatMap(({ external }) => (external === undefined ? [] : [external.get('location') ?? ''])));
  return await Promise.all([...locations].sort().map((location) => resolveInside(dirname(path), location)));
}

function tensorsOf(path: string): readonly ScannedTensor[] {
  let cursor: FileCursor | undefined;
  try {
    cursor = FileCursor.open(path);
    return scanModel(cursor).tensors;
  } catch {
    return [];
  } finally {
    cursor?.close();
  }
}
