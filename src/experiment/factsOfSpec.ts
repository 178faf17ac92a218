import type { Node } from 'jsonc-parser';
import type { FileFinder } from '../spec/fileFinder.ts';
import { namedFiles, type NamedFile } from '../spec/namedFiles.ts';
import { besideModel } from '../spec/resolveFolders.ts';
import type { FactsReader, ModelFacts } from './modelFacts.ts';

/**
 * What can be known of the model, SAEs and judge that a spec names; of those that are not there, nothing.
 * @param tree of any document: what is broken elsewhere is passed over
 * @returns undefined where no model is found
 */
export async function factsOfSpec(tree: Node, finder: FileFinder, reader: FactsReader): Promise<ModelFacts | undefined> {
  const named = namedFiles(tree);
  const found = async (kind: NamedFile['kind']): Promise<string[]> => {
    const paths = await Promise.all(named.filter((file) => file.kind === kind).map((file) => finder.find(file).catch(() => undefined)));
    return paths.flatMap((path) => path ?? []);
  };
  const model = (await found('model')).at(0);
  if (model === undefined) return undefined;
  const names = (kind: NamedFile['kind']): boolean => named.some((file) => file.kind === kind);
  const judge = (await found('judge')).at(0);
  const parts = await besideModel(model, { saes: names('saes') ? await found('saes') : undefined, judge });
  return reader.read({ model, ...parts });
}
