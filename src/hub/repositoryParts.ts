import type { RemoteFile } from './listing.ts';
import { indexRoots, isOwnText, missingParts, pipelineFiles, pipelineRoots, withoutOnnxFolder } from './pipelineFiles.ts';
import { saeFolders, saePlaces } from './saeFiles.ts';

/** A file that is to be fetched. */
export interface PlannedFile extends RemoteFile {
  /** Where it will lie in the folder that is made. */
  readonly to: string;
}

/** Something of a repository that is of use by itself: a pipeline, or an SAE. */
export interface Part {
  readonly kind: 'pipeline' | 'sae';
  /** Where it lies in the repository: `''`, or `a/b`. */
  readonly folder: string;
  /** What of it is read here, with its place below `folder`. */
  readonly files: readonly PlannedFile[];
  /** What it lacks to be of use. */
  readonly missing: readonly string[];
}

/** What a repository holds for us: its pipelines with ONNX files; where there is none, its SAEs. */
export function partsOf(files: readonly RemoteFile[]): Part[] {
  const paths = files.map(({ path }) => path);
  const roots = pipelineRoots(paths);
  return roots.length > 0 ? roots.map((root) => pipelineIn(files, root)) : saesIn(files, indexRoots(paths).length === 0);
}

/** Terms and notes at the top of a repository, which go with whatever is fetched of it. */
export function ownTexts(files: readonly RemoteFile[]): PlannedFile[] {
  return files.filter(({ path }) => !path.includes('/') && isOwnText(path)).map((file) => ({ ...file, to: file.path }));
}

function pipelineIn(files: readonly RemoteFile[], root: string): Part {
  const inside = withoutOnnxFolder(files.filter(({ path }) => path.startsWith(root)).map((file) => ({ ...file, to: file.path.slice(root.length) })));
  const places = inside.map(({ to }) => to);
  const wanted = new Set(pipelineFiles(places));
  return { kind: 'pipeline', folder: root.slice(0, -1), files: inside.filter(({ to }) => wanted.has(to)), missing: missingParts(places) };
}

/** @param loose whether files that only look like OpenAI's count */
function saesIn(files: readonly RemoteFile[], loose: boolean): Part[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const places = saePlaces([...byPath.keys()], loose);
  return saeFolders(places.map(({ to }) => to)).map((folder) => {
    const above = folder === '' ? '' : `${folder}/`;
    const own = places.filter(({ to }) => to.startsWith(above) && !to.slice(above.length).includes('/'));
    return { kind: 'sae', folder, missing: [], files: own.flatMap(({ path, to }) => {
      const file = byPath.get(path);
      return file === undefined ? [] : [{ ...file, to: to.slice(above.length) }];
    }) };
  });
}
