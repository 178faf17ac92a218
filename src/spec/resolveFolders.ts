import { dirname, resolve } from 'node:path';
import { InputError } from '../base/errors.ts';
import { FileFinder, fileIn } from './fileFinder.ts';
import { namedFiles, type NamedFile } from './namedFiles.ts';
import { requireSpec, type ParsedSpec } from './parseSpec.ts';

/** Where the things that a spec names lie: absolute, real paths of folders and files that exist. */
export interface SpecFolders {
  /** Of the spec itself; runs are stored below it. */
  readonly spec: string;
  readonly model: string;
  /** Folders that hold SAE folders; none where the spec names none and none lie beside the model. */
  readonly saes: readonly string[];
  readonly judge?: string;
}

/**
 * Find the folders and files that a spec names, as `FileFinder` does.
 * @throws InputError when the spec has errors, or what it names is missing or lies outside
 */
export async function resolveFolders(parsed: ParsedSpec): Promise<SpecFolders> {
  const { saes: named } = requireSpec(parsed);
  const folder = dirname(resolve(parsed.file));
  const finder = new FileFinder(parsed.file, folder);
  const found: Record<NamedFile['kind'], string[]> = { model: [], saes: [], judge: [], mask: [], prompts: [] };
  for (const file of parsed.tree === undefined ? [] : namedFiles(parsed.tree)) {
    try {
      found[file.kind].push(await finder.find(file));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(error.phrases.message, { file: error.file, remedy: error.phrases.remedy, place: parsed.placeOf(file.path) });
    }
  }
  const [model] = found.model;
  return { spec: folder, model, ...await besideModel(model, { saes: named === undefined ? undefined : found.saes, judge: found.judge.at(0) }) };
}

/** The SAEs and the judge: those that are named, else those that lie beside the model. */
export async function besideModel(
  model: string, { saes, judge }: { saes: readonly string[] | undefined; judge: string | undefined },
): Promise<Pick<SpecFolders, 'saes' | 'judge'>> {
  const own = saes ?? [await fileIn(model, 'saes')].filter((path) => path !== undefined);
  const measuring = judge ?? await fileIn(model, 'judge');
  return { saes: own, ...(measuring !== undefined && { judge: measuring }) };
}
