import { InputError } from '../base/errors.ts';
import { listed, phrase, type Phrase } from '../base/phrase.ts';
import type { RemoteFile } from './listing.ts';
import type { Part } from './repositoryParts.ts';
import { indexRoots } from './pipelineFiles.ts';

/** A repository that holds nothing which can be read here as it is. */
export class NothingHere extends InputError {
  /** Where its ONNX files may be: other branches. */
  readonly branches: readonly string[];
  /** What makes ONNX files of it. */
  readonly exportCommand: string | undefined;

  constructor(message: Phrase, { file, remedy, branches = [], exportCommand }: { file: string; remedy: Phrase; branches?: readonly string[]; exportCommand?: string }) {
    super(message, { file, remedy });
    this.branches = branches;
    this.exportCommand = exportCommand;
  }
}

/** Why there was nothing to choose, and what helps. @param branches of the repository that look like exports @param narrowed whether people left files out */
export function nothingHere(files: readonly RemoteFile[], { id, page, branches, narrowed }: { id: string; page: string; branches: readonly string[]; narrowed: boolean }): NothingHere {
  const paths = files.map(({ path }) => path);
  if (indexRoots(paths).length > 0) {
    const exportCommand = `optimum-cli export onnx --model ${id} models/${id.slice(id.indexOf('/') + 1)}`;
    return new NothingHere(phrase`is a pipeline without an ONNX U-Net (unet/model.onnx)`, {
      file: page, branches, exportCommand,
      remedy: branches.length > 0 ? phrase`Its ONNX files are in the branch "${branches[0]}" (--revision ${branches[0]}).` : phrase`Export it: ${exportCommand} (docs/exporting.md), or look for a repository of the same model with ONNX files.`,
    });
  }
  if (narrowed) return new NothingHere(phrase`holds neither a pipeline (model_index.json) nor an SAE of a known format`, { file: page, remedy: phrase`Check --include, --exclude and the folder: they choose among the paths of the repository.` });
  if (paths.some((path) => /lora[^/]*\.(?:safetensors|bin)$/i.test(path))) {
    return new NothingHere(phrase`holds a LoRA, which is a change to another model`, { file: page, remedy: phrase`Merge it into that model with diffusers (load_lora_weights, fuse_lora, save_pretrained), and export the result: docs/exporting.md.` });
  }
  if (paths.some((path) => !path.includes('/') && /\.(?:safetensors|ckpt)$/.test(path))) {
    return new NothingHere(phrase`holds a model in one file, without its configuration`, { file: page, remedy: phrase`Make a folder of it with diffusers (from_single_file, save_pretrained), and export that: docs/exporting.md.` });
  }
  return new NothingHere(phrase`holds neither a pipeline (model_index.json) nor an SAE of a known format`, {
    file: page, remedy: phrase`Name the repository of a Stable Diffusion pipeline with ONNX files, or of SAEs; docs/exporting.md lists what is known.`,
  });
}

/** A repository that holds several pipelines, where one was to be named. */
export function severalPipelines(parts: readonly Part[], page: string): InputError {
  const folders = parts.map(({ folder }) => `${folder}/`);
  return new InputError(phrase`holds ${parts.length} pipelines: ${listed(folders)}`, { file: page, remedy: phrase`Choose one of them: --include "${folders.find((folder) => folder !== '/') ?? ''}**".` });
}

/** A pipeline that is not whole. */
export function incomplete(missing: readonly string[], page: string): InputError {
  return new InputError(phrase`is a pipeline without ${listed(missing)}`, { file: page, remedy: phrase`Check --include and --exclude, or export the whole pipeline: docs/exporting.md.` });
}
