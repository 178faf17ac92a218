import { fileStamps } from '../base/fileStamps.ts';
import { indexModel } from './modelIndex.ts';
import type { ModelIndex } from './modelIndex.ts';

/** Networks of a pipeline. An index of Stable Diffusion's U-Net holds a few megabytes. */
const most = 4;

const recent = new Map<string, { readonly stamps: string; readonly index: ModelIndex }>();

/** As `indexModel`; read once while neither the model nor a file with weights of it changes, since loading a model asks for its structure in several places. @throws InputError */
export async function recentIndex(path: string): Promise<ModelIndex> {
  const known = recent.get(path);
  if (known !== undefined) {
    if (known.stamps === await fileStamps(filesOf(known.index))) return known.index;
    recent.delete(path);
  }
  const before = await fileStamps([path]);
  const index = await indexModel(path);
  if (before !== await fileStamps([path])) return index; // written meanwhile: read again the next time
  recent.set(path, { stamps: await fileStamps(filesOf(index)), index });
  for (const oldest of [...recent.keys()].slice(0, -most)) recent.delete(oldest);
  return index;
}

function filesOf({ path, weights }: ModelIndex): string[] {
  return [...new Set([path, ...[...weights.values()].flatMap(({ data }) => (data instanceof Uint8Array ? [] : [data.path]))])];
}
