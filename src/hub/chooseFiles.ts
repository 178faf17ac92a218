import { InputError } from '../base/errors.ts';
import { listed, phrase, type Phrase } from '../base/phrase.ts';
import type { RemoteFile } from './listing.ts';
import { indexRoots, isOwnText, missingParts, pipelineFiles, pipelineRoots } from './pipelineFiles.ts';
import { saeFiles } from './saeFiles.ts';

/** What of a repository is needed here. */
export interface Choice {
  readonly kind: 'pipeline' | 'sae';
  /** Their place in the repository. */
  readonly files: readonly RemoteFile[];
  /** Folder of the repository that becomes the top: `''`, or `a/b/`. */
  readonly root: string;
}

/** Find what a repository holds for us. @param page names the repository in errors @returns undefined where it holds a pipeline without ONNX files, or nothing of ours */
export function chooseFiles(files: readonly RemoteFile[], page: string): Choice | undefined {
  const paths = files.map(({ path }) => path);
  const roots = pipelineRoots(paths);
  if (roots.length > 1) {
    const shown = roots.map((root) => (root === '' ? '/' : root));
    throw new InputError(phrase`holds ${roots.length} pipelines: ${listed(shown)}`, { file: page, remedy: phrase`Choose one of them: --include "${roots.find((root) => root !== '') ?? ''}**".` });
  }
  const root = roots.at(0);
  if (root !== undefined) {
    const inside = paths.filter((path) => path.startsWith(root)).map((path) => path.slice(root.length));
    const missing = missingParts(inside);
    if (missing.length > 0) throw incomplete(missing, page);
    const wanted = new Set(pipelineFiles(inside).map((path) => `${root}${path}`));
    return { kind: 'pipeline', root, files: files.filter(({ path }) => wanted.has(path)) };
  }
  if (indexRoots(paths).length > 0) return undefined;
  const saes = new Set(saeFiles(paths));
  if (saes.size === 0) return undefined;
  return { kind: 'sae', root: '', files: files.filter(({ path }) => saes.has(path) || (!path.includes('/') && isOwnText(path))) };
}

/** Why there was nothing to choose, and what helps. @param branches of the repository that look like exports @param narrowed whether people left files out */
export function nothingToFetch(files: readonly RemoteFile[], { id, page, branches, narrowed }: { id: string; page: string; branches: readonly string[]; narrowed: boolean }): InputError {
  if (indexRoots(files.map(({ path }) => path)).length > 0) {
    return new InputError(phrase`is a pipeline without an ONNX U-Net (unet/model.onnx)`, { file: page, remedy: branches.length > 0 ? phrase`Its ONNX files are in another revision: --revision ${branches[0]}.` : exportIt(id) });
  }
  return new InputError(phrase`holds neither a pipeline (model_index.json) nor an SAE of a known format`, {
    file: page, remedy: narrowed ? phrase`Check --include and --exclude: they choose among the paths of the repository.` : phrase`Name the repository of a Stable Diffusion pipeline with ONNX files, or of SAEs; docs/exporting.md lists what is known.`,
  });
}

function incomplete(missing: readonly string[], page: string): InputError {
  return new InputError(phrase`is a pipeline without ${listed(missing)}`, { file: page, remedy: phrase`Check --include and --exclude, or export the whole pipeline: docs/exporting.md.` });
}

function exportIt(id: string): Phrase {
  return phrase`Export it: optimum-cli export onnx --model ${id} models/${id.slice(id.indexOf('/') + 1)} (docs/exporting.md), or look for a repository of the same model with ONNX files.`;
}
